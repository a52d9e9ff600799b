import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AvailableCredit } from "../../../src/core/credit/credit.ts";
import { makeBatch } from "../../../src/core/credit/engine.ts";
import { methodOf } from "../../../src/core/credit/registry.ts";
import { textTurn } from "../../../src/core/rollout/textTrajectory.ts";
import type { Turn } from "../../../src/core/rollout/trajectory.ts";
import { batchesFor } from "./signals.ts";
import { member, turnOf } from "./trajectories.ts";

/** ArCHer with one head: the turn's credit is q1 − v1, here q − 1. */
const params = { heads: "one" };

function judged(turn: Turn, q: number): Turn {
  return {
    ...turn,
    extra: new Map([
      ["q1", q],
      ["v1", 1],
    ]),
  };
}

function creditOf(turns: readonly Turn[]): AvailableCredit {
  const credit = makeBatch([member("g", turns)])
    .credit("archer", params)
    .credit(0);
  if (credit.status !== "ok") throw new Error(credit.reason);
  return credit;
}

describe("credit of turns", () => {
  test("goes to every trained token of the turn and to the steps that hold one, past holes and tools", () => {
    const first = turnOf("assistant", 4, {
      mask: [1, 0, 0, 1],
      steps: [
        [0, 1, 0.5],
        [1, 3, 0.5],
        [3, 4, 0.5],
      ],
    });
    const turns = [turnOf("user", 2), judged(first, 3), turnOf("tool", 2), judged(turnOf("assistant", 1), 0)];
    const { level, turns: credits, credit } = creditOf(turns);
    expect([level, credit]).toEqual(["turn", undefined]);
    expect(credits[0]).toEqual({ credit: NaN, tokens: new Float64Array([NaN, NaN]) });
    expect(credits[1]).toEqual({
      credit: 3 - 1,
      steps: new Float64Array([2, NaN, 2]),
      tokens: new Float64Array([2, NaN, NaN, 2]),
    });
    expect(credits[2]).toEqual({ credit: NaN, tokens: new Float64Array([NaN, NaN]) });
    expect(credits[3]).toMatchObject({ credit: 0 - 1, tokens: new Float64Array([-1]) });
  });

  test("needs no tokens: text turns have it, and so have their paragraphs", () => {
    const { turns } = creditOf([
      textTurn("user", "Go.", -1),
      judged(textTurn("assistant", "I look.\n\nI go.", 0), 2),
      textTurn("tool", "You are there.", 1),
      judged(textTurn("assistant", "Done.", 2), 5),
    ]);
    expect(turns[1]).toEqual({ credit: 1, steps: new Float64Array([1, 1]) });
    expect(turns[2]).toEqual({ credit: NaN });
    expect(turns[3]!.credit).toBe(4);
    expect(turns[3]!.tokens).toBeUndefined();
  });

  test("stands at a turn of the policy that has no tokens beside turns that have some", () => {
    const empty = { ...turnOf("assistant", 0), content: "" };
    const { turns, flags } = creditOf([judged(turnOf("assistant", 2), 2), judged(empty, 4)]);
    expect(turns[0]!.tokens).toEqual(new Float64Array([1, 1]));
    expect(turns[1]).toEqual({ credit: 3, tokens: new Float64Array(0) });
    expect(flags).toEqual([]);
  });

  test("is not shown at a turn whose tokens are all masked, though its number is in the lane", () => {
    const masked = judged(turnOf("assistant", 2, { mask: [0, 0] }), 9);
    const members = [member("g", [judged(turnOf("assistant", 1), 2), masked])];
    const run = makeBatch(members).credit("archer", params);
    expect([...run.lane(0, "credit")]).toEqual([1, 8]);
    expect(creditOf(members[0]!.trajectory.turns).turns[1]).toMatchObject({
      credit: NaN,
      tokens: new Float64Array([NaN, NaN]),
    });
  });

  test("belongs to a turn of any role that holds trained tokens", () => {
    const { turns } = creditOf([judged(turnOf("tokens", 3, { mask: [0, 1, 1] }), 2)]);
    expect(turns[0]).toMatchObject({ credit: 1, tokens: new Float64Array([NaN, 1, 1]) });
  });

  test("is none where a turn lacks its number, and the rollout says so; none has any where all lack it", () => {
    const lacking = [judged(turnOf("assistant", 1), 2), turnOf("assistant", 1)];
    expect(creditOf(lacking).turns[1]).toMatchObject({ credit: NaN, tokens: new Float64Array([NaN]) });
    expect(creditOf(lacking).flags).toEqual(["non-finite"]);
    const credit = makeBatch([member("g", [turnOf("assistant", 1)])])
      .credit("archer", params)
      .credit(0);
    expect(credit).toMatchObject({ status: "unavailable", missing: ["turn.q1", "turn.v1"] });
  });

  test("is explained at the turn, at its steps and tokens, and nowhere else", () => {
    const members = [member("g", [turnOf("user", 1), judged(turnOf("assistant", 2, { mask: [1, 0] }), 3)])];
    const run = makeBatch(members).credit("archer", params);
    const at = (turn: number, token: number | null): readonly number[] =>
      run.explain(0, { turn, token, step: null }).map(({ value }) => value);
    expect([at(1, null), at(1, 0), at(1, 1), at(0, 0), at(0, null)]).toEqual([[2], [2], [], [], []]);
  });

  test("is one number over all trained tokens of a turn, whatever the log", () => {
    const method = methodOf("gigpo")!;
    fc.assert(
      fc.property(batchesFor(method, "released:verlAgent"), (members) => {
        const run = makeBatch(members).credit("gigpo", {});
        members.forEach(({ trajectory }, r) => {
          const credit = run.credit(r);
          if (credit.status !== "ok") throw new Error(credit.reason);
          const lane = run.lane(r, "credit");
          const policy = trajectory.turns.flatMap(({ trainable }, i) => (trainable ? [i] : []));
          expect(lane).toHaveLength(policy.length);
          policy.forEach((i, k) => {
            const { credit: own, tokens } = credit.turns[i]!;
            expect(own).toEqual(lane[k]);
            trajectory.turns[i]!.tokens!.mask.forEach((m, t) =>
              expect(tokens![t]).toEqual(m === 1 ? lane[k] : NaN),
            );
          });
        });
      }),
      { numRuns: 50 },
    );
  });
});
