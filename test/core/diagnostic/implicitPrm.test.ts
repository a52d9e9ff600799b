import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  crossEntropy,
  pairAccuracy,
  preferenceLoss,
  signAccuracy,
} from "../../../src/core/diagnostic/implicitPrm.ts";
import { implicitPrmAccuracy } from "../../../src/core/diagnostic/metrics/implicitPrmAccuracy.ts";
import type { MeasuredMember, Measurement } from "../../../src/core/diagnostic/diagnostic.ts";
import { member, turnOf } from "../credit/trajectories.ts";

const of = (score: number, outcome: number): { score: number; outcome: number } => ({ score, outcome });
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

describe("what is measured of an implicit reward model", () => {
  test("pairs are weighed by their contrast: of (1, 0), (1, ½), (½, 0) two are ordered", () => {
    const group = [of(2, 1), of(1, 0), of(3, 0.5)];
    expect(pairAccuracy(group)).toBeCloseTo((1 + 0.5) / 2, 12);
  });

  test("no contrast is one half, a group of one nothing, equal scores count as the wrong order of a success first", () => {
    expect(pairAccuracy([of(2, 1), of(1, 1)])).toBe(0.5);
    expect(pairAccuracy([of(2, 1)])).toBeNaN();
    expect(pairAccuracy([of(1, 1), of(1, 0)])).toBe(0);
  });

  test("signs: a positive score says right", () => {
    expect(signAccuracy([of(0.1, 1), of(-0.1, 1), of(-2, 0), of(0, 0.5)])).toBe(0.75);
  });

  test("cross entropy by hand, with logarithms of at least −100; outcomes outside [0, 1] are refused", () => {
    const expected = -(Math.log(sigmoid(0.5)) + Math.log(1 - sigmoid(-1))) / 2;
    expect(crossEntropy([of(1, 1), of(-2, 0)], 0.5)).toBeCloseTo(expected, 12);
    expect(crossEntropy([of(1e6, 0)], 1)).toBe(100);
    expect(crossEntropy([of(40, 0)], 1)).toBe(100);
    expect(crossEntropy([of(-40, 1)], 1)).toBeCloseTo(40, 12);
    expect(() => crossEntropy([of(1, 2)], 1)).toThrow(RangeError);
  });

  test("trajectory preferences: the mean over all pairs of a success and a failure, 0 without one", () => {
    const group = [of(1, 1), of(0, 0), of(-1, 0)];
    const expected = -(Math.log(sigmoid(1)) + Math.log(sigmoid(2))) / 2;
    expect(preferenceLoss([group, [of(5, 1)]]).pairs).toBe(2);
    expect(preferenceLoss([group]).loss).toBeCloseTo(expected, 12);
    expect(preferenceLoss([[of(1, 1), of(2, 1)]])).toEqual({ pairs: 0, loss: 0 });
  });

  test("accuracy does not depend on a scale or a shift of the scores", () => {
    const group = fc.array(fc.record({ score: fc.integer(), outcome: fc.constantFrom(0, 1) }), {
      minLength: 2,
      maxLength: 6,
    });
    fc.assert(
      fc.property(group, (responses) => {
        const moved = responses.map(({ score, outcome }) => of(2 * score + 7, outcome));
        expect(pairAccuracy(moved)).toBe(pairAccuracy(responses));
      }),
    );
  });
});

describe("metric implicitPrmAccuracy", () => {
  const rollout = (
    q: readonly number[],
    success: boolean | null,
    group: string | null = "g",
  ): MeasuredMember =>
    member(
      group,
      [
        turnOf("assistant", q.length, {
          columns: { rm_logprobs: q.map((x) => x - 1), ref_logprobs: q.map(() => -1) },
        }),
      ],
      { success },
    );
  const measure = (members: readonly MeasuredMember[]): Measurement => {
    const measuring = implicitPrmAccuracy.measure({ reference: "ref", beta: 0.05, alarm: 0.55 });
    return measuring.batch({ run: "run", trainStep: 3, split: "train", members })[0]!;
  };

  test("is the mean over groups, with the losses beside it", () => {
    const { value, evidence, scope, alarm } = measure([
      rollout([1, 1], true),
      rollout([-1], false),
      rollout([0], true, "other"),
      rollout([1], true, "other"),
    ]);
    expect(value).toBe(0.75);
    expect(scope).toEqual({ run: "run", train_step: 3 });
    expect(evidence).toMatchObject({ groups: 2, groups_without_contrast: 1, dpo_pairs: 1 });
    expect(evidence["dpo_loss"]).toBeCloseTo(-Math.log(sigmoid(0.05 * 3)), 12);
    expect(alarm).toBe(false);
  });

  test("says what is missing: log-probabilities, outcomes, groups", () => {
    const bare = member("g", [turnOf("assistant", 2)], { success: true });
    expect(measure([bare, bare])).toMatchObject({
      value: NaN,
      missing: ["token.rm_logprobs", "token.ref_logprobs"],
    });
    expect(measure([rollout([1], null), rollout([1], null)]).missing).toEqual(["trajectory.success"]);
    expect(measure([rollout([1], true, null)]).missing).toEqual(["trajectory.group"]);
  });
});
