import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BatchCredit, BatchMember } from "../../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../../src/core/credit/engine.ts";
import { ParameterError } from "../../../../src/core/credit/parameter.ts";
import {
  macroSums,
  ngramBoundaries,
  perplexityBoundaries,
  segmentBoundaries,
  withoutEmpty,
} from "../../../../src/core/credit/primitives/macroActions.ts";
import { member, turnOf } from "../trajectories.ts";

const row = (mask: number[], from = 0) => ({ from, to: mask.length, mask });

describe("macro actions", () => {
  test("of n trained tokens, the last token alone; holes do not count", () => {
    expect(ngramBoundaries(row([1, 1, 1, 1, 1, 1]), 2)).toEqual([0, 2, 4, 5]);
    expect(ngramBoundaries(row([1, 0, 1, 1, 1, 1]), 2)).toEqual([0, 3, 5, 5]);
    expect(ngramBoundaries(row([0, 0, 1, 1, 1], 2), 5)).toEqual([2, 4]);
    expect(ngramBoundaries(row([]), 5)).toEqual([]);
  });

  test("where n divides the tokens before the last, the release lists an empty one", () => {
    expect(ngramBoundaries(row([1, 1, 1]), 1)).toEqual([0, 1, 2, 2]);
    expect(withoutEmpty(ngramBoundaries(row([1, 1, 1]), 1))).toEqual([0, 1, 2]);
    expect(ngramBoundaries(row([1]), 3)).toEqual([0, 0]);
  });

  test("by perplexity begin at the token before a rise", () => {
    // Perplexity rises from token 1 to 2 and from 3 to 4: log-probabilities fall there.
    const logprob = Float64Array.from([-1, -0.5, -2, -1, -3, -1]);
    expect(perplexityBoundaries(row([1, 1, 1, 1, 1, 1]), logprob)).toEqual([0, 1, 3, 5]);
    expect(perplexityBoundaries(row([1, 1]), Float64Array.from([-1, -2]))).toEqual([0, 1]);
  });

  test("by segments end where those do", () => {
    expect(segmentBoundaries(row([1, 1, 1, 1, 1, 1]), [1, 3, -1, 5])).toEqual([0, 2, 4, 5]);
    expect(segmentBoundaries(row([1, 1, 1]), [])).toEqual([0, 2]);
  });

  test("are worth weighted sums over their trained tokens, 0 without any", () => {
    const x = [3, 9, 6, 1, 5];
    const sums = (weights: "equal" | "position" | "last"): number[] => [
      ...macroSums(row([1, 0, 1, 0, 1]), [0, 3, 4], x, weights),
    ];
    expect(sums("equal")).toEqual([(3 + 6) / 2, 0, 5]);
    expect(sums("position")).toEqual([expect.closeTo((3 + 6 / 2) / 1.5, 12), 0, 5]);
    expect(sums("last")).toEqual([6, 0, 5]);
  });
});

/** A rollout of one turn with log-probabilities of policy and reference, and values. */
function rollout(
  reward: number,
  values: number[],
  fields: { mask?: number[]; ratio?: number } = {},
): BatchMember {
  const { mask = values.map(() => 1), ratio = 0 } = fields;
  const columns = {
    values,
    logprobs: values.map(() => -1 + ratio),
    ref_logprobs: values.map(() => -1),
  };
  return member("g", [turnOf("assistant", values.length, { mask, columns })], { reward });
}

function credit(one: BatchMember, params: Record<string, unknown>): BatchCredit {
  return makeBatch([one]).credit("maRlhf", params);
}

describe("MA-RLHF", () => {
  test("by hand: bigrams, γ = 1, λ = 0.5, the penalty at every token and the clipped score at the last", () => {
    const of = credit(rollout(4, [0.1, 0.3, 0.2, 0.4, 0.5, 0.6], { ratio: 0.2 }), {
      n: 2,
      lambda: 0.5,
      beta: 0.1,
    });
    const penalty = -0.1 * 0.2;
    expect(of.lane(0, "reward")[5]).toBeCloseTo(2.5 + penalty, 12);
    // Macro actions [0, 2), [2, 4), [4], [5]: rewards all the penalty but the last; values 0.2, 0.3, 0.5, 0.6.
    const d = 2.5 + penalty - 0.6;
    const c = penalty + 0.6 - 0.5 + 0.5 * d;
    const b = penalty + 0.5 - 0.3 + 0.5 * c;
    const a = penalty + 0.3 - 0.2 + 0.5 * b;
    expect([...of.lane(0, "credit")]).toEqual([a, a, b, b, c, d].map((x) => expect.closeTo(x, 12)));
    expect([...of.lane(0, "action")]).toEqual([0, 0, 1, 1, 2, 3]);
  });

  test("the empty macro action of the release breaks the chain of values before the last token", () => {
    const one = rollout(1, [0.5, 0.25]);
    const released = credit(one, { n: 1, lambda: 0.5, beta: 0 });
    const last = 1 - 0.25;
    const empty = 0 + 0.25 - 0 + 0.5 * last;
    expect([...released.lane(0, "credit")]).toEqual([0 + 0 - 0.5 + 0.5 * empty, last]);
    const paper = credit(one, { n: 1, lambda: 0.5, beta: 0, preset: "paper" });
    expect([...paper.lane(0, "credit")]).toEqual([0.25 - 0.5 + 0.5 * last, last]);
  });

  test("the release writes the score behind the trained tokens, where padding loses it", () => {
    const padded = rollout(1, [0, 0, 0], { mask: [1, 0, 0] });
    expect([...credit(padded, { beta: 0 }).lane(0, "score")]).toEqual([0, 1, 0]);
    expect([...credit(padded, { beta: 0 }).lane(0, "macroReward")]).toEqual([0, 0, 0]);
    const own = credit(padded, { beta: 0, scoreAt: "lastTrained" });
    expect([...own.lane(0, "score")]).toEqual([1, 0, 0]);
    expect(own.credit(0)).toMatchObject({ turns: [{ tokens: new Float64Array([0 + 1, NaN, NaN]) }] });
  });

  test("logged steps are macro actions: parse trees, or the draws of random n-grams", () => {
    const turn = turnOf("assistant", 5, {
      columns: { values: [0, 0, 0, 0, 0], rewards: [1, 2, 3, 4, 5] },
      steps: [
        [0, 3, 0],
        [3, 5, 0],
      ],
    });
    const of = makeBatch([member("g", [turn])]).credit("maRlhf", {
      actions: "steps",
      rewards: "logged",
      lambda: 0,
    });
    expect([...of.lane(0, "credit")]).toEqual([2, 2, 2, 4, 5]);
  });

  test("says what is missing for what it was asked, and knows no unit weights", () => {
    const bare = member("g", [turnOf("assistant", 2, { columns: { values: [0, 0] } })], { reward: 1 });
    expect(credit(bare, {}).credit(0)).toMatchObject({
      status: "unavailable",
      missing: ["token.logprobs", "token.ref_logprobs"],
    });
    expect(credit(bare, { beta: 0 }).credit(0).status).toBe("ok");
    expect(credit(bare, { beta: 0, actions: "perplexity" }).credit(0)).toMatchObject({
      missing: ["token.ref_logprobs"],
    });
    expect(() => credit(bare, { sigma: "unit" })).toThrow(ParameterError);
  });

  const values = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 });

  test("single tokens without the empty macro action are GAE", () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (v, lambda) => {
        const one = rollout(0.5, v);
        const macro = credit(one, { n: 1, lambda, beta: 0, preset: "paper" });
        const gae = makeBatch([one]).credit("gae", { stage: "raw", gamma: 1, lambda });
        macro.lane(0, "credit").forEach((x, t) => expect(x).toBeCloseTo(gae.lane(0, "raw")[t]!, 9));
      }),
    );
  });

  test("tokens of a macro action have one advantage; with λ = 1 the first ones' is what is earned minus their value", () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 5 }), (v, n) => {
        const of = credit(rollout(0.5, v), { n, lambda: 1, beta: 0, emptyActions: "none" });
        const [action, own] = [of.lane(0, "action"), of.lane(0, "credit")];
        own.forEach((x, t) => {
          if (t > 0 && action[t] === action[t - 1]) expect(x).toBe(own[t - 1]);
          expect(x + of.lane(0, "macroValue")[t]!).toBeCloseTo(0.5, 9);
        });
      }),
    );
  });
});
