import type { BatchShape } from "../columns.ts";
import type { SingletonRule } from "./groupStatistics.ts";

/** Which numbers are compared with each other. */
export type Groups = Pick<BatchShape, "group" | "nGroups">;

/** Statistics of each number's group, one a rollout. */
export interface AppliedStatistics {
  /** Members of the group, NaN or not. */
  readonly size: Int32Array;
  /** Members that are numbers. */
  readonly count: Int32Array;
  readonly mean: Float64Array;
  /** Unbiased (n − 1). */
  readonly variance: Float64Array;
}

/** All rollouts of a batch as one group. */
export function wholeBatch({ nRollouts }: BatchShape): Groups {
  return { group: new Int32Array(nRollouts), nGroups: 1 };
}

/**
 * Mean and variance over the members of each group to whom `x` applies: NaN entries are not counted, as TRL leaves out
 * reward functions that do not apply. A group with one number follows `singleton`; with none, its mean is NaN.
 */
export function appliedStatistics(
  { group, nGroups }: Groups,
  x: Float64Array,
  singleton: SingletonRule,
): AppliedStatistics {
  const [size, count] = [new Int32Array(nGroups), new Int32Array(nGroups)];
  const [sum, squares] = [new Float64Array(nGroups), new Float64Array(nGroups)];
  group.forEach((g, r) => {
    size[g]!++;
    if (Number.isNaN(x[r]!)) return;
    count[g]!++;
    sum[g]! += x[r]!;
  });
  group.forEach((g, r) => {
    if (!Number.isNaN(x[r]!)) squares[g]! += (x[r]! - sum[g]! / count[g]!) ** 2;
  });
  const ofOne = { raw: 1, zero: 0, nan: NaN }[singleton];
  const perRollout = (ofGroup: (g: number) => number): Float64Array => Float64Array.from(group, ofGroup);
  return {
    size: Int32Array.from(group, (g) => size[g]!),
    count: Int32Array.from(group, (g) => count[g]!),
    mean: perRollout((g) => (count[g] === 1 && singleton === "raw" ? 0 : sum[g]! / count[g]!)),
    variance: perRollout((g) => (count[g]! < 2 ? ofOne : squares[g]! / (count[g]! - 1))),
  };
}
