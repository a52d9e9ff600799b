import type { BatchShape } from "../columns.ts";

/**
 * What a group of one gets, as published: `raw` keeps its score (mean 0, deviation 1), `zero` its own mean (deviation
 * 0), `nan` its own mean and the deviation of one value, which is none.
 */
export type SingletonRule = "raw" | "zero" | "nan";

/** Members of each group. */
export function groupSizes({ group, nGroups }: BatchShape): Int32Array {
  const size = new Int32Array(nGroups);
  for (const g of group) size[g]!++;
  return size;
}

/** Sum of `x` over each group. */
export function groupSums({ group, nGroups }: BatchShape, x: Float64Array): Float64Array {
  const sum = new Float64Array(nGroups);
  for (let r = 0; r < group.length; r++) sum[group[r]!]! += x[r]!;
  return sum;
}

/** Mean of `x` over the rollout's group, for each rollout. */
export function groupMean(
  batch: BatchShape,
  x: Float64Array,
  singleton: SingletonRule,
  mean: Float64Array,
): void {
  const size = groupSizes(batch);
  const sum = groupSums(batch, x);
  for (let r = 0; r < batch.nRollouts; r++) {
    const g = batch.group[r]!;
    mean[r] = size[g] === 1 && singleton === "raw" ? 0 : sum[g]! / size[g]!;
  }
}

/** Unbiased variance (n − 1) of `x` over the rollout's group, for each rollout. */
export function groupVariance(
  batch: BatchShape,
  x: Float64Array,
  singleton: SingletonRule,
  variance: Float64Array,
): void {
  const size = groupSizes(batch);
  const sum = groupSums(batch, x);
  const squares = new Float64Array(batch.nGroups);
  for (let r = 0; r < batch.nRollouts; r++) {
    const g = batch.group[r]!;
    squares[g]! += (x[r]! - sum[g]! / size[g]!) ** 2;
  }
  const ofOne = { raw: 1, zero: 0, nan: NaN }[singleton];
  for (let r = 0; r < batch.nRollouts; r++) {
    const g = batch.group[r]!;
    variance[r] = size[g] === 1 ? ofOne : squares[g]! / (size[g]! - 1);
  }
}

/** Mean of `x` over the other members of the group; `ofOne` for a group of one. */
export function othersMean(
  batch: BatchShape,
  x: Float64Array,
  ofOne: (own: number) => number,
  mean: Float64Array,
): void {
  const size = groupSizes(batch);
  const sum = groupSums(batch, x);
  for (let r = 0; r < batch.nRollouts; r++) {
    const g = batch.group[r]!;
    mean[r] = size[g] === 1 ? ofOne(x[r]!) : (sum[g]! - x[r]!) / (size[g]! - 1);
  }
}

/** Greatest `x` of the other members of the group; `ofOne` for a group of one. */
export function othersMax(
  batch: BatchShape,
  x: Float64Array,
  ofOne: (own: number) => number,
  max: Float64Array,
): void {
  const size = groupSizes(batch);
  const best = new Float64Array(batch.nGroups).fill(-Infinity);
  const second = new Float64Array(batch.nGroups).fill(-Infinity);
  for (let r = 0; r < batch.nRollouts; r++) {
    const g = batch.group[r]!;
    second[g] = Math.max(second[g]!, Math.min(best[g]!, x[r]!));
    best[g] = Math.max(best[g]!, x[r]!);
  }
  for (let r = 0; r < batch.nRollouts; r++) {
    const g = batch.group[r]!;
    max[r] = size[g] === 1 ? ofOne(x[r]!) : x[r] === best[g] ? second[g]! : best[g]!;
  }
}
