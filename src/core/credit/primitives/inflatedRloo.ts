import type { BatchShape } from "../columns.ts";
import { groupSums } from "./groupStatistics.ts";

export interface InflatedRloo {
  /** Length R: n / (n − 1). */
  readonly inflation: Float64Array;
  /** Length R: Σ of the group's mean rewards a token, over n − 1. */
  readonly baseline: Float64Array;
  /** Length P: x · n/(n − 1) − baseline where `at` is 1, 0 elsewhere. */
  readonly centred: Float64Array;
}

/**
 * PRIME's leave-one-out of one source of rewards: a leave-one-out of the responses' mean rewards a token. A token's own
 * reward is multiplied by n / (n − 1) on the way, so that it is none of tokens.
 *
 * PRIME `compute_rloo_returns`, verl recipe `masked_rloo`. A group of one divides by zero there; `ofOne` says what is here.
 * @param at length P, 1 where the source has a reward; a rollout without any (nothing trained) is no member of its group
 */
export function inflatedRloo(
  batch: BatchShape,
  { x, at, ofOne }: { readonly x: Float64Array; readonly at: Uint8Array; readonly ofOne: "nan" | "raw" },
  { inflation, baseline, centred }: InflatedRloo,
): void {
  const { nRollouts, nGroups, positions, group } = batch;
  const mean = new Float64Array(nRollouts);
  const size = new Int32Array(nGroups);
  for (let r = 0; r < nRollouts; r++) {
    let [sum, n] = [0, 0];
    for (let t = positions[r]!; t < positions[r + 1]!; t++) {
      if (at[t] !== 1) continue;
      sum += x[t]!;
      n++;
    }
    if (n === 0) continue;
    mean[r] = sum / n;
    size[group[r]!]!++;
  }
  const sums = groupSums(batch, mean);
  centred.fill(0);
  for (let r = 0; r < nRollouts; r++) {
    const n = size[group[r]!]!;
    inflation[r] = n > 1 ? n / (n - 1) : ofOne === "raw" ? 1 : NaN;
    baseline[r] = n > 1 ? sums[group[r]!]! / (n - 1) : ofOne === "raw" ? 0 : NaN;
    for (let t = positions[r]!; t < positions[r + 1]!; t++)
      if (at[t] === 1) centred[t] = x[t]! * inflation[r]! - baseline[r]!;
  }
}
