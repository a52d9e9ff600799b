import type { BatchShape } from "../columns.ts";

/** When a group gets a stored success: its scores differ less, and are lower on average, than these. */
export interface ReplayRule {
  /** Population standard deviation (n). */
  readonly maxStd: number;
  readonly maxMean: number;
}

/**
 * For each rollout 1 where its group asks for a stored success, else 0, over the group's own members; NaN where none has a
 * score. ARPO `apply_replay`.
 * @param own length R, 1 = the rollout counts
 */
export function asksForReplay(
  { group, nGroups }: BatchShape,
  score: Float64Array,
  own: ArrayLike<number>,
  { maxStd, maxMean }: ReplayRule,
  out: Float64Array,
): void {
  const members: number[][] = Array.from({ length: nGroups }, () => []);
  group.forEach((g, r) => {
    if (own[r] === 1 && !Number.isNaN(score[r]!)) members[g]!.push(score[r]!);
  });
  const asks = members.map((scores) => {
    const n = scores.length;
    const mean = scores.reduce((a, b) => a + b, 0) / n;
    const std = Math.sqrt(scores.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n);
    return n === 0 ? NaN : Number(std < maxStd && mean < maxMean);
  });
  group.forEach((g, r) => (out[r] = asks[g]!));
}
