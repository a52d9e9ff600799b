import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { resolveParameters } from "../../../src/core/credit/parameter.ts";
import { agreementOf, agreementScores } from "../../../src/core/diagnostic/judgeAgreement.ts";
import { judgeAgreement } from "../../../src/core/diagnostic/metrics/judgeAgreement.ts";
import { rubric } from "../../../src/core/diagnostic/metrics/rubric.ts";
import { claimPrecision, harmonicMean, nuggetRecall } from "../../../src/core/diagnostic/rubricScore.ts";
import type { MeasuredBatch } from "../../../src/core/diagnostic/diagnostic.ts";
import { textTrajectory, textTurn } from "../../../src/core/rollout/textTrajectory.ts";
import type { Trajectory } from "../../../src/core/rollout/trajectory.ts";

const batch = (trajectories: readonly Trajectory[]): MeasuredBatch => ({
  run: "r",
  trainStep: 1,
  split: "train",
  members: trajectories.map((trajectory) => ({ trajectory, groupKey: null })),
});

describe("rubric", () => {
  const answered = (fields: Record<string, unknown>, reward = NaN): Trajectory => ({
    ...textTrajectory("t", [textTurn("assistant", "An answer.", -1)]),
    reward,
    extra: new Map(Object.entries(fields)),
  });
  const measure = (one: Trajectory): unknown =>
    rubric.measure(resolveParameters(rubric, {}).values as never).batch(batch([one]))[0];

  test("recall = Σ w·hit / Σ w, precision of the claims, F1", () => {
    const nuggets = [
      { weight: 2, hit: 1 },
      { weight: 1, hit: 0 },
      { weight: 1, hit: 0.5 },
    ];
    expect(nuggetRecall(nuggets)).toBe(2.5 / 4);
    expect(claimPrecision([1, 0, 1, 1])).toBe(0.75);
    expect(harmonicMean(0.75, 0.625)).toBeCloseTo((2 * 0.75 * 0.625) / 1.375, 12);
    expect(harmonicMean(0, 0)).toBe(0);
  });

  test("reads nuggets and claims of a rollout, and points at a reward far above", () => {
    const logged = answered(
      {
        nuggets: [{ text: "who", hit: true }, { hit: false }],
        claims: [{ supported: true }, { supported: 0 }],
      },
      1,
    );
    expect(measure(logged)).toMatchObject({
      value: 0.5,
      evidence: { nuggets: 2, missed: 1, claims: 2, precision: 0.5, f1: 0.5, reward: 1 },
      alarm: true,
    });
  });

  test("a nugget that was not judged makes no score; none logged is said", () => {
    expect(measure(answered({ nuggets: [{ hit: 1 }, {}] }))).toMatchObject({
      value: NaN,
      missing: ["trajectory.nuggets.hit"],
    });
    expect(measure(answered({}))).toMatchObject({ value: NaN, missing: ["trajectory.nuggets"] });
  });

  test("does not change when all weights are scaled", () => {
    const nugget = fc.record({
      weight: fc.double({ min: 0.1, max: 5, noNaN: true }),
      hit: fc.constantFrom(0, 0.5, 1),
    });
    fc.assert(
      fc.property(
        fc.array(nugget, { minLength: 1 }),
        fc.double({ min: 0.1, max: 9, noNaN: true }),
        (nuggets, c) => {
          const scaled = nuggets.map(({ weight, hit }) => ({ weight: c * weight, hit }));
          expect(nuggetRecall(scaled)).toBeCloseTo(nuggetRecall(nuggets), 9);
        },
      ),
    );
  });
});

describe("agreement of a judge with a person", () => {
  test("counts, accuracy, F1 and κ by hand", () => {
    // yes-yes 2, yes-no 1, no-yes 1, no-no 4: chance ⅜·⅜ + ⅝·⅝ = 34/64.
    const judge = [1, 1, 1, 0, 0, 0, 0, 0, NaN];
    const human = [1, 1, 0, 1, 0, 0, 0, 0, 1];
    const counts = agreementOf(judge, human);
    expect(counts).toEqual({ both: 2, judgeOnly: 1, humanOnly: 1, neither: 4 });
    const scores = agreementScores(counts);
    expect(scores).toMatchObject({ accuracy: 0.75, precision: 2 / 3, recall: 2 / 3, f1: 4 / 6 });
    expect(scores.kappa).toBeCloseTo((0.75 - 34 / 64) / (1 - 34 / 64), 12);
  });

  test("reads both from the turns, true and false as 1 and 0", () => {
    const acted = textTrajectory(
      "t",
      [
        [true, 1],
        [false, 1],
        [0, 0],
      ].map(([subgoal, subgoal_human]) => ({
        ...textTurn("assistant", "north", -1),
        extra: new Map<string, unknown>(Object.entries({ subgoal, subgoal_human })),
      })),
    );
    const values = resolveParameters(judgeAgreement, {}).values;
    expect(judgeAgreement.measure(values as never).batch(batch([acted]))).toMatchObject([
      { value: 2 / 3, evidence: { both: 1, judgeOnly: 0, humanOnly: 1, neither: 1 }, alarm: true },
    ]);
    expect(judgeAgreement.measure(values as never).batch(batch([textTrajectory("t", [])]))).toMatchObject([
      { value: NaN, missing: ["turn.subgoal", "turn.subgoal_human"] },
    ]);
  });
});
