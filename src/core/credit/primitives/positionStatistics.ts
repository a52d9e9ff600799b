import type { BatchShape } from "../columns.ts";
import { groupSizes } from "./groupStatistics.ts";

/**
 * Mean and unbiased deviation of `x` over the rollouts of a group at the same position, counted from each rollout's first.
 * A rollout that is too short for a position counts as 0 there, as in a padded matrix. The deviation of a group of one is 1.
 * O(positions) time; memory for as many positions as the longest rollout has, for each group.
 */
export function positionMoments(
  batch: BatchShape,
  x: Float64Array,
  { mean, std }: { readonly mean: Float64Array; readonly std: Float64Array },
): void {
  const size = groupSizes(batch);
  const sums = Array.from(size, () => new Float64Array(0));
  const squares = Array.from(size, () => new Float64Array(0));
  eachMember(batch, (g, from, n) => {
    if (sums[g]!.length < n) sums[g] = grown(sums[g]!, n);
    for (let t = 0; t < n; t++) sums[g]![t]! += x[from + t]!;
  });
  eachMember(batch, (g, from, n) => {
    // Those that are too short are 0 away from nothing: their squares are of the mean itself, added below.
    if (squares[g]!.length === 0) squares[g] = new Float64Array(sums[g]!.length);
    for (let t = 0; t < n; t++) {
      const average = sums[g]![t]! / size[g]!;
      squares[g]![t]! += (x[from + t]! - average) ** 2 - average ** 2;
    }
  });
  eachMember(batch, (g, from, n) => {
    for (let t = 0; t < n; t++) {
      const average = sums[g]![t]! / size[g]!;
      mean[from + t] = average;
      const spread = squares[g]![t]! + size[g]! * average ** 2;
      std[from + t] = size[g] === 1 ? 1 : Math.sqrt(Math.max(0, spread) / (size[g]! - 1));
    }
  });
}

function eachMember(
  { nRollouts, group, positions }: BatchShape,
  visit: (group: number, from: number, n: number) => void,
): void {
  for (let r = 0; r < nRollouts; r++) visit(group[r]!, positions[r]!, positions[r + 1]! - positions[r]!);
}

function grown(x: Float64Array, n: number): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(n);
  longer.set(x);
  return longer;
}
