import { describe, expect, test } from "vitest";
import { resolveParameters } from "../../../src/core/credit/parameter.ts";
import type { MeasuredBatch } from "../../../src/core/diagnostic/diagnostic.ts";
import {
  type Decomposed,
  decompositionLoss,
  factorReports,
  returnRankCorrelation,
} from "../../../src/core/diagnostic/latentFactors.ts";
import { returnDecomposition } from "../../../src/core/diagnostic/metrics/returnDecomposition.ts";
import { textTrajectory, textTurn } from "../../../src/core/rollout/textTrajectory.ts";
import type { Trajectory } from "../../../src/core/rollout/trajectory.ts";

const episode = (ret: number, proxy: number[], factors: Record<string, number[]> = {}): Decomposed => ({
  ret,
  proxy,
  factors: new Map(Object.entries(factors)),
});

describe("latent factors", () => {
  const episodes = [
    episode(1, [0.5, 0.5], { near: [1, 2], safe: [1, 1] }),
    episode(3, [1, 1], { near: [2, 2], safe: [0, 0] }),
    episode(2, [0.9, 0.9], { near: [2, 1], safe: [0, 1] }),
  ];

  test("loss and order of the sums: residuals 0, −½, −0.1; both ascend alike", () => {
    expect(decompositionLoss(episodes)).toBeCloseTo((0 + 0.25 + 0.01) / 3, 12);
    expect(returnRankCorrelation(episodes)).toBeCloseTo(1, 12);
  });

  test("share of a factor, and how its sums go with the returns", () => {
    const reports = factorReports(episodes);
    expect(reports.get("near")!.share).toBeCloseTo(10 / 13, 12);
    expect(reports.get("safe")!.withReturn).toBeCloseTo(-1, 12);
    // Sums 3, 4, 3 against returns 1, 3, 2: ranks 0.5, 2, 0.5 against 0, 2, 1.
    expect(reports.get("near")!.withReturn).toBeCloseTo(1.5 / Math.sqrt(1.5 * 2), 12);
  });
});

describe("returnDecomposition", () => {
  const logged = (reward: number, turns: readonly Record<string, unknown>[]): Trajectory => ({
    ...textTrajectory(
      "t",
      turns.map((fields) => ({ ...textTurn("assistant", "go", -1), extra: new Map(Object.entries(fields)) })),
    ),
    reward,
  });
  const measure = (trajectories: readonly Trajectory[]): unknown => {
    const batch: MeasuredBatch = {
      run: "r",
      trainStep: 3,
      split: "train",
      members: trajectories.map((trajectory) => ({ trajectory, groupKey: null })),
    };
    const { values } = resolveParameters(returnDecomposition, {});
    return returnDecomposition.measure(values as never).batch(batch);
  };

  test("reads proxy rewards and factors of the turns; incomplete rollouts are left out and said", () => {
    const measured = measure([
      logged(1, [
        { proxy_reward: 0.5, factors: { near: 1 } },
        { proxy_reward: 0.5, factors: { near: 3 } },
      ]),
      logged(0, [{ proxy_reward: 1, factors: { near: 2 } }]),
      logged(1, [{ proxy_reward: 1 }, {}]),
    ]);
    expect(measured).toMatchObject([
      {
        value: 0.5,
        evidence: { rollouts: 2, factors: { near: { share: 1 } } },
        missing: ["trajectory.reward", "turn.proxy_reward"],
      },
    ]);
  });

  test("nothing logged: no value", () => {
    expect(measure([logged(1, [{}])])).toMatchObject([{ value: NaN }]);
  });
});
