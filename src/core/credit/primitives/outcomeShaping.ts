import type { BatchShape } from "../columns.ts";
import { groupMean, groupVariance, othersMean } from "./groupStatistics.ts";
import { lastTrained } from "./processReward.ts";

/** Least and most an outcome may be; a bound that is not named does not hold. */
export type Range = Readonly<Record<string, number>>;

/** `x` within `min` and `max`; NaN stays NaN. */
export function withinRange(x: number, range: Range): number {
  const { min = -Infinity, max = Infinity } = range;
  if (x < min) return min;
  return x > max ? max : x;
}

/** What an outcome is compared with in its group: nothing, the others' mean, the mean, or mean and deviation. */
export type OutcomeBaseline = "none" | "leaveOneOut" | "mean" | "groupNorm";

export interface BaselineOptions {
  readonly baseline: OutcomeBaseline;
  readonly epsilon: number;
  /** A group of one: no number, by division by zero as released; or its own reward as baseline, so that 0 is left. */
  readonly singleton: "nan" | "zero";
}

/**
 * Outcome less its group's baseline, over `scale`: 1, or the group's standard deviation (n − 1) plus ε. OpenRLHF
 * `compute_advantages_and_returns` before rewards are put on tokens.
 */
export function outcomeBaseline(
  batch: BatchShape,
  outcome: Float64Array,
  { baseline: kind, epsilon, singleton }: BaselineOptions,
  { baseline, scale }: { readonly baseline: Float64Array; readonly scale: Float64Array },
): void {
  scale.fill(1);
  if (kind === "none") {
    baseline.fill(0);
    return;
  }
  if (kind === "leaveOneOut") {
    othersMean(batch, outcome, (own) => (singleton === "nan" ? NaN : own), baseline);
    return;
  }
  groupMean(batch, outcome, "zero", baseline);
  if (kind === "mean") return;
  groupVariance(batch, outcome, singleton, scale);
  for (let r = 0; r < batch.nRollouts; r++) scale[r] = Math.sqrt(scale[r]!) + epsilon;
}

/** Adds a number to each rollout's reward at its last trained token; lost where there is none. */
export function addAtLast(batch: BatchShape, shift: Float64Array, reward: Float64Array): void {
  for (let r = 0; r < batch.nRollouts; r++) {
    const last = lastTrained(batch, r);
    if (last >= 0) reward[last]! += shift[r]!;
  }
}
