import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  alignmentScore,
  discountAt,
  longestIncreasing,
  matchScore,
  type ScheduleOptions,
  startProgress,
  updateSchedule,
} from "../../../src/core/diagnostic/discountSchedule.ts";
import type { Measurement } from "../../../src/core/diagnostic/diagnostic.ts";
import { discountSchedule } from "../../../src/core/diagnostic/metrics/discountSchedule.ts";
import { resolveParameters } from "../../../src/core/credit/parameter.ts";
import { textTrajectory, textTurn } from "../../../src/core/rollout/textTrajectory.ts";
import type { Trajectory } from "../../../src/core/rollout/trajectory.ts";

const options: ScheduleOptions = {
  horizon: 10,
  alpha: 0.2,
  threshold: 0.9,
  progressStart: 0.2,
  maxProgressDelta: 5,
  agentScorePercentile: 90,
};
const perfect = Array.from({ length: 10 }, (_, k) => k + 1);

describe("longest increasing subsequence", () => {
  test("by hand", () => {
    expect(longestIncreasing([3, 1, 2, 2, 5, 4])).toBe(3);
    expect(longestIncreasing([2, 2, 2])).toBe(1);
    expect(longestIncreasing([])).toBe(1);
    expect(longestIncreasing([1, NaN, 2])).toBe(2);
  });

  test("is what comparing all pairs gives", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(8), { maxLength: 12 }), (sequence) => {
        const lengths: number[] = [];
        sequence.forEach((x, i) =>
          lengths.push(1 + Math.max(0, ...lengths.filter((_, j) => j < i && sequence[j]! < x))),
        );
        expect(longestIncreasing(sequence)).toBe(Math.max(1, ...lengths));
      }),
    );
  });
});

describe("automatic discount scheduling", () => {
  test("γ = α^(1/p): after p steps the weight α is left", () => {
    expect(discountAt(4, 0.2) ** 4).toBeCloseTo(0.2, 12);
    expect(discountAt(0, 0.2)).toBeNaN();
    expect(startProgress(options)).toBe(2);
  });

  test("the nearest step is looked for within the progress, the first of equal ones", () => {
    const cost = [
      [0, 1, 1],
      [1, 5, 0],
      [9, 1, 1],
    ];
    // Within 2: nearest 0, 0. Within 3: 0, 2, 1.
    expect([matchScore(cost, 2), matchScore(cost, 3)]).toEqual([1, 2]);
  });

  test("grows by at most five steps, stops where the match falls short, ends at the horizon", () => {
    const follows = (limit: number) => (p: number) => Float64Array.of(Math.min(p, limit));
    expect(updateSchedule(2, follows(10), perfect, options)).toMatchObject({ progress: 7 });
    // ⌊0.9 · 5⌋ = 4 is reached by a match of 4, ⌊0.9 · 6⌋ = 5 is not.
    expect(updateSchedule(2, follows(4), perfect, options)).toMatchObject({
      progress: 6,
      match_score: 4,
      ref_score: 6,
    });
    expect(updateSchedule(10, follows(10), perfect, options)).toMatchObject({
      progress: 10,
      match_score: 10,
    });
  });

  test("the 90th percentile over the demonstrations", () => {
    const update = updateSchedule(2, () => Float64Array.of(1, 2), perfect, {
      ...options,
      maxProgressDelta: 1,
    });
    expect(update.match_score).toBeCloseTo(1.9, 12);
    expect(update.progress).toBe(3);
  });

  test("steps beyond the progress match nothing where only their indices are logged", () => {
    expect(alignmentScore([0, 1, 7, 2], 4)).toBe(3);
    expect(alignmentScore([0, 1, 7, 2], 3)).toBe(2);
  });
});

describe("discountSchedule", () => {
  const aligned = (steps: readonly (number | null)[]): Trajectory =>
    textTrajectory(
      "t",
      steps.map((demo_step) => ({
        ...textTurn("assistant", "go", -1),
        extra: new Map([["demo_step", demo_step]]),
      })),
    );
  const measuring = (params = {}): ReturnType<typeof discountSchedule.measure> =>
    discountSchedule.measure(resolveParameters(discountSchedule, params).values as never);
  const batch = (
    trajectories: readonly Trajectory[],
  ): Parameters<ReturnType<typeof measuring>["batch"]>[0] => ({
    run: "r",
    trainStep: null,
    split: "train",
    members: trajectories.map((trajectory) => ({ trajectory, groupKey: null })),
  });

  test("follows the progress over batches and recommends a discount", () => {
    const run = measuring();
    const whole = Array.from({ length: 10 }, (_, k) => k);
    const [first] = run.batch(batch([aligned(whole)]));
    expect(first).toMatchObject({
      value: 0.2 ** (1 / 7),
      evidence: { progress: 7, horizon: 10, rollouts: 1 },
    });
    const [second] = run.batch(batch([aligned(whole), textTrajectory("none", [])]));
    expect(second).toMatchObject({ evidence: { progress: 10, updates: 2, rollouts: 1 } });
    const end: readonly Measurement[] = run.end();
    expect(end).toMatchObject([{ scope: { run: "r" }, value: 0.2 ** (1 / 10) }]);
  });

  test("reads distances to one or several demonstrations", () => {
    const near = [0, 1, 2, 3].map((t) => [0, 1, 2, 3].map((k) => Math.abs(t - k)));
    const one = { ...textTrajectory("t", []), extra: new Map([["demo_costs", near]]) };
    const two = { ...textTrajectory("t", []), extra: new Map([["demo_costs", [near, near]]]) };
    for (const trajectory of [one, two])
      expect(measuring().batch(batch([trajectory]))[0]).toMatchObject({
        evidence: { progress: 4, horizon: 4 },
      });
  });

  test("without alignment it says what is missing", () => {
    expect(measuring().batch(batch([textTrajectory("t", [])]))).toMatchObject([
      { missing: ["turn.demo_step"] },
    ]);
    expect(measuring().end()).toEqual([]);
  });
});
