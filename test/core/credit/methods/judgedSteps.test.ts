import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BatchMember } from "../../../../src/core/credit/batchCredit.ts";
import type { AvailableCredit } from "../../../../src/core/credit/credit.ts";
import { makeBatch } from "../../../../src/core/credit/engine.ts";
import { textTurn } from "../../../../src/core/rollout/textTrajectory.ts";
import type { StepSpans } from "../../../../src/core/rollout/stepSpans.ts";
import type { Turn } from "../../../../src/core/rollout/trajectory.ts";
import { member, turnOf } from "../trajectories.ts";

type Params = Record<string, unknown>;

function creditOf(
  members: readonly BatchMember[],
  method: string,
  params: Params = {},
  r = 0,
): AvailableCredit {
  const credit = makeBatch(members).credit(method, params).credit(r);
  if (credit.status !== "ok") throw new Error(credit.reason);
  return credit;
}

/** A turn of one-character steps, each with a number of a name. */
function stepped(name: string, numbers: readonly number[], tokens = false): Turn {
  const n = numbers.length;
  const steps: StepSpans = {
    n,
    start: Int32Array.from(numbers, (_, k) => k),
    end: Int32Array.from(numbers, (_, k) => k + 1),
    source: "logged",
    columns: new Map([[name, Float64Array.from(numbers)]]),
    extra: new Map(),
  };
  const turn = tokens ? turnOf("assistant", n) : textTurn("assistant", "x".repeat(n), -1);
  return { ...turn, steps };
}

const scored = (p: readonly number[], reward = 0): BatchMember =>
  member("g", [stepped("reward", p)], { reward });

function stepsOf(members: readonly BatchMember[], method: string, params: Params, r = 0): number[] {
  return [...creditOf(members, method, params, r).turns[0]!.steps!];
}

function expectNear(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((x, i) => expect(x).toBeCloseTo(expected[i]!, 12));
}

describe("Clip and Delta", () => {
  const p = [0.9, 0.8, 0.2, 0.7];
  const fixed = { threshold: "fixed", eta: 0.8, outcome: false };

  test("clip at 0.8: rewards 0, 0, −0.6, −0.1, summed from each step on", () => {
    expectNear(stepsOf([scored(p)], "clipDelta", { ...fixed, form: "clip" }), [-0.7, -0.7, -0.7, -0.1]);
  });

  test("delta: 0.1, 0.6, 0.2, 0 sums to the step's own score, and to 0 at the last", () => {
    expectNear(stepsOf([scored(p)], "clipDelta", { ...fixed, form: "delta" }), [0.9, 0.8, 0.2, 0]);
  });

  test("both: 0, 0.6, −0.6, 0 sums to 0, 0, −0.6, 0; the outcome is added, α weighs the steps", () => {
    expectNear(stepsOf([scored(p)], "clipDelta", { ...fixed, form: "both" }), [0, 0, -0.6, 0]);
    const params = { ...fixed, form: "both", alpha: 0.5, outcome: true };
    expectNear(stepsOf([scored(p, 1)], "clipDelta", params), [1, 1, 0.7, 1]);
  });

  test("the threshold is the mean score of the batch's steps where none is given", () => {
    const members = [scored([0.4, 0.8]), scored([0.6])];
    expectNear(stepsOf(members, "clipDelta", { form: "clip", outcome: false }), [0.4 - 0.6, 0]);
    expectNear(stepsOf([scored([0.3])], "clipDelta", { form: "delta", outcome: false }), [0]);
  });

  test("needs step scores, and the reward only where it is added", () => {
    const bare = member("g", [textTurn("assistant", "x", -1)], { reward: 1 });
    const noReward = member("g", [stepped("reward", [0.5])]);
    expect(makeBatch([bare]).missing(0, "clipDelta")).toEqual(["step.reward"]);
    expect(makeBatch([noReward]).credit("clipDelta", {}).credit(0)).toMatchObject({
      status: "unavailable",
      missing: ["trajectory.reward"],
    });
    expect(makeBatch([noReward]).credit("clipDelta", { outcome: false }).credit(0).status).toBe("ok");
  });

  const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 8 });

  test("delta telescopes: every step but the last is worth its own score", () => {
    fc.assert(
      fc.property(scores, (own) => {
        const credits = stepsOf([scored(own)], "clipDelta", { form: "delta", outcome: false });
        expectNear(credits.slice(0, -1), own.slice(0, -1));
      }),
    );
  });

  test("clip is bounded by 0 from above, however many steps there are; the sum is not", () => {
    fc.assert(
      fc.property(scores, (own) => {
        const clip = stepsOf([scored(own)], "clipDelta", { ...fixed, form: "clip" });
        for (const x of clip) expect(x).toBeLessThanOrEqual(0);
        const sum = stepsOf([scored(own)], "clipDelta", { form: "sum", outcome: false });
        const more = stepsOf([scored([...own, 1])], "clipDelta", { form: "sum", outcome: false });
        expect(more[0]!).toBeCloseTo(sum[0]! + 1, 9);
      }),
    );
  });
});

describe("CAPO", () => {
  const judged = (labels: readonly number[], success: boolean): BatchMember =>
    member("g", [stepped("label", labels, true)], { success });
  const tokens = (members: readonly BatchMember[], params: Params = {}, r = 0): number[] => [
    ...creditOf(members, "capo", params, r).turns[0]!.tokens!,
  ];

  test("right with its second token flagged, wrong and clean: (2, 1), (0, 0) less 0.75", () => {
    const members = [judged([1, 0], true), judged([1, 1], false)];
    expect(tokens(members)).toEqual([1.25, 0.25]);
    expect(tokens(members, {}, 1)).toEqual([-0.75, -0.75]);
    const deviation = Math.sqrt((1.25 ** 2 + 0.25 ** 2 + 2 * 0.75 ** 2) / 3);
    expectNear(tokens(members, { normalizeByStd: true, epsilon: 0 }), [1.25 / deviation, 0.25 / deviation]);
  });

  test("votes of four critiques: any, half, all of them", () => {
    const members = [judged([0.75, 0.5, 0], true)];
    const flagged = (votes: string): boolean[] => {
      const run = makeBatch(members).credit("capo", { votes });
      return [...run.lane(0, "wrong")].map((x) => x === 1);
    };
    expect(flagged("union")).toEqual([true, true, true]);
    expect(flagged("majority")).toEqual([false, true, true]);
    expect(flagged("intersection")).toEqual([false, false, true]);
  });

  test("text in no judged step is not wrong; masked tokens neither count nor get credit", () => {
    const turn = stepped("label", [0, 1], true);
    const wide = { ...turnOf("assistant", 4, { mask: [1, 0, 1, 1] }), steps: turn.steps };
    const credits = tokens([member("g", [wide], { success: true })]);
    const mean = (1 + 2 + 2) / 3;
    expect(credits[1]).toBeNaN();
    expectNear([credits[0]!, credits[2]!, credits[3]!], [1 - mean, 2 - mean, 2 - mean]);
  });

  test("needs tokens, the outcome and the critiques' labels", () => {
    const bare = member("g", [textTurn("assistant", "x", -1)]);
    expect(makeBatch([bare]).missing(0, "capo")).toEqual(["token.mask", "trajectory.success", "step.label"]);
  });

  test("credits of a group sum to 0 over its tokens", () => {
    const rollout = fc.tuple(fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 5 }), fc.boolean());
    fc.assert(
      fc.property(fc.array(rollout, { minLength: 1, maxLength: 5 }), (rollouts) => {
        const members = rollouts.map(([labels, success]) => judged(labels, success));
        const all = members.flatMap((_, r) => tokens(members, {}, r));
        expect(all.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 9);
      }),
    );
  });
});

describe("TP-GRPO", () => {
  const labelled = (labels: readonly number[], reward: number): BatchMember =>
    member("g", [stepped("label", labels)], { reward, success: reward === 1 });
  const params = { alpha: 0.5, epsilon: 0 };
  // Rewards 1, 0: mean 1/2, deviation √(1/2), so that r̂ = ±√(1/2); ability 0.5 · 1/2.
  const advantage = Math.sqrt(0.5);

  test("right thoughts of a right solution keep r̂, wrong ones are worth r̂ − r_c", () => {
    const members = [labelled([1, 1, 0, 1], 1), labelled([1, 0, 0, 1], 0)];
    expectNear(stepsOf(members, "tpGrpo", params), [advantage, advantage, advantage - 0.25, advantage]);
  });

  test("in a wrong solution matched thoughts keep r̂, unmatched ones are spared: 0", () => {
    const members = [labelled([1], 1), labelled([1, 0, 0, 1], 0)];
    expectNear(stepsOf(members, "tpGrpo", params, 1), [-advantage, 0, 0, -advantage]);
  });

  test("a group of one: 0, or its raw reward", () => {
    expectNear(stepsOf([labelled([1, 1], 1)], "tpGrpo", {}), [0, 0]);
    expectNear(stepsOf([labelled([1, 1], 1)], "tpGrpo", { singleton: "raw", epsilon: 0 }), [1, 1]);
    expect(creditOf([labelled([1, 1], 1)], "tpGrpo").flags).toEqual(["singleton"]);
  });

  test("a solution of one thought has GRPO's advantage at every step", () => {
    const rewards = fc.array(fc.constantFrom(0, 1), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(rewards, fc.integer({ min: 1, max: 4 }), (outcomes, n) => {
        const members = outcomes.map((reward) => labelled(Array<number>(n).fill(1), reward));
        members.forEach((_, r) => {
          const { credit } = creditOf(members, "grpo", {}, r);
          expectNear(stepsOf(members, "tpGrpo", {}, r), Array<number>(n).fill(credit!));
        });
      }),
    );
  });

  test("says which signals it lacks", () => {
    expect(makeBatch([member("g", [textTurn("assistant", "x", -1)])]).missing(0, "tpGrpo")).toEqual([
      "trajectory.reward",
      "trajectory.success",
      "step.label",
    ]);
  });
});

describe("PPR", () => {
  const episode = (scores: readonly number[], success: boolean, value?: number): BatchMember => {
    const turns = scores.map((score): Turn => {
      const extra = new Map<string, unknown>([["judge_score", score]]);
      if (value !== undefined) extra.set("value", value);
      return { ...textTurn("assistant", "x", -1), extra };
    });
    return member("g", turns, { success });
  };
  const turns = (one: BatchMember, params: Params = {}): number[] =>
    creditOf([one], "ppr", params).turns.map(({ credit }) => credit!);

  test("score over its maximum plus outcome minus 1: wrong and perfect is 0, right and worthless is 0", () => {
    expectNear(turns(episode([10, 5, 0], false), { maximum: 10 }), [0, -0.5, -1]);
    expectNear(turns(episode([10, 5, 0], true), { maximum: 10 }), [1, 0.5, 0]);
  });

  test("return: 0.5 + 0.5 · 1; advantage over a value of 0.25: 1 − 0.25, and 0.5 + 0.25 − 0.25 + 0.75", () => {
    expectNear(turns(episode([0.5, 1], true), { form: "return", gamma: 0.5 }), [1, 1]);
    expectNear(turns(episode([0.5, 1], true, 0.25), { form: "gae" }), [1.25, 0.75]);
  });

  test("a turn that the judge left out has no reward, which is said", () => {
    const half = episode([0.5, NaN], true);
    const { turns: credits, flags } = creditOf([half], "ppr");
    expect(credits.map(({ credit }) => credit)).toEqual([0.5, NaN]);
    expect(flags).toEqual(["non-finite"]);
    expect(makeBatch([episode([NaN], true)]).missing(0, "ppr")).toEqual(["turn.judge_score"]);
  });

  test("the sign of a turn's reward never contradicts the outcome", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean(), (score, success) => {
        const [credit] = turns(episode([score], success));
        if (success) expect(credit).toBeGreaterThanOrEqual(0);
        else expect(credit).toBeLessThanOrEqual(0);
      }),
    );
  });
});
