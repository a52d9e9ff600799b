import type { BatchShape } from "../columns.ts";
import { othersMean } from "./groupStatistics.ts";

/** Weight of each step's process reward in its rollout: soft minimum, uniform mean, or 1. */
export type StepWeights = "soft" | "mean" | "one";

/**
 * Weights of the steps of each rollout. `soft`: w = softmax(−PR / T) over the steps, so that the worst step carries the
 * reward (T → 0: the minimum). PURE (arXiv:2504.15275), equation 6.
 */
export function stepWeights(
  { nRollouts, steps }: BatchShape,
  processReward: Float64Array,
  { kind, temperature }: { readonly kind: StepWeights; readonly temperature: number },
  weight: Float64Array,
): void {
  for (let r = 0; r < nRollouts; r++) {
    const [from, to] = [steps[r]!, steps[r + 1]!];
    if (kind !== "soft") {
      weight.fill(kind === "mean" ? 1 / (to - from) : 1, from, to);
      continue;
    }
    let least = Infinity;
    for (let k = from; k < to; k++) least = Math.min(least, processReward[k]!);
    let sum = 0;
    for (let k = from; k < to; k++) sum += weight[k] = Math.exp((least - processReward[k]!) / temperature);
    for (let k = from; k < to; k++) weight[k]! /= sum;
  }
}

/** Sum of x over the steps of each rollout. */
export function stepSums({ nRollouts, steps }: BatchShape, x: Float64Array, sum: Float64Array): void {
  for (let r = 0; r < nRollouts; r++) {
    let total = 0;
    for (let k = steps[r]!; k < steps[r + 1]!; k++) total += x[k]!;
    sum[r] = total;
  }
}

/**
 * Baseline of a step of each rollout: the mean over the group's other rollouts of their reward per step.
 * PURE `process_experiences`, reward_baseline step. Not a number for a group of one, by division by zero.
 */
export function perStepBaseline(
  batch: BatchShape,
  outcome: Float64Array,
  ofOne: number,
  baseline: Float64Array,
): void {
  const average = outcome.map((sum, r) => sum / (batch.steps[r + 1]! - batch.steps[r]!));
  othersMean(batch, average, () => ofOne, baseline);
}

/**
 * Baseline of a token of each rollout: reward of the group's other rollouts by their number of trained tokens.
 * PURE `process_experiences`, reward_baseline token.
 */
export function perTokenBaseline(
  batch: BatchShape,
  outcome: Float64Array,
  ofOne: number,
  baseline: Float64Array,
): void {
  const length = new Float64Array(batch.nRollouts);
  for (let r = 0; r < batch.nRollouts; r++) {
    for (let t = batch.positions[r]!; t < batch.positions[r + 1]!; t++) length[r]! += batch.mask[t]!;
  }
  const others = new Float64Array(batch.nRollouts);
  // Both are means over the same others, so their ratio is the ratio of the sums.
  othersMean(batch, outcome, () => ofOne, baseline);
  othersMean(batch, length, () => 1, others);
  for (let r = 0; r < batch.nRollouts; r++) baseline[r]! /= others[r]!;
}

/**
 * Returns of PURE's verl branch over a matrix that is 0 at every token but the step ends: sum, or the minimum over all
 * later tokens, the zeros and the padding to the longest rollout included (so that a positive step rarely counts).
 */
export function matrixReturns(
  { nRollouts, positions, mask }: BatchShape,
  reward: Float64Array,
  aggregate: "sum" | "min",
  returns: Float64Array,
): void {
  const longest = longestRow(positions);
  for (let r = 0; r < nRollouts; r++) {
    const [from, to] = [positions[r]!, positions[r + 1]!];
    let running = aggregate === "sum" || to - from < longest ? 0 : Infinity;
    for (let t = to - 1; t >= from; t--) {
      const here = mask[t] === 1 ? reward[t]! : 0;
      running = aggregate === "sum" ? here + running : Math.min(here, running);
      returns[t] = aggregate === "sum" ? running * mask[t]! : running;
    }
  }
}

/** Baseline of a token: returns of the group's other rollouts over (n − 1) times the padded length. */
export function matrixBaseline(
  batch: BatchShape,
  returns: Float64Array,
  ofOne: number,
  baseline: Float64Array,
): void {
  const { nRollouts, positions } = batch;
  const total = new Float64Array(nRollouts);
  for (let r = 0; r < nRollouts; r++)
    for (let t = positions[r]!; t < positions[r + 1]!; t++) total[r]! += returns[t]!;
  othersMean(batch, total, () => ofOne, baseline);
  const longest = longestRow(positions);
  for (let r = 0; r < nRollouts; r++) baseline[r]! /= longest;
}

function longestRow(positions: Int32Array): number {
  let longest = 0;
  for (let r = 0; r + 1 < positions.length; r++)
    longest = Math.max(longest, positions[r + 1]! - positions[r]!);
  return longest;
}

/** Last trained position of a rollout, −1 where there is none. */
export function lastTrained({ positions, mask }: BatchShape, r: number): number {
  for (let t = positions[r + 1]! - 1; t >= positions[r]!; t--) if (mask[t] === 1) return t;
  return -1;
}
