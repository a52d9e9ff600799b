import type { BatchShape } from "../columns.ts";

export interface TurnStatistics {
  /** Length U: number of entries in the turn's group. */
  readonly size: Float64Array;
  /** Length U: mean of the group's entries; 0 for one. */
  readonly mean: Float64Array;
  /** Length U: their standard deviation (n − 1); 1 for one. */
  readonly deviation: Float64Array;
}

/**
 * Statistics of turns over their group. `first`: one entry a rollout, its first turn, as verl-agent's functions collect
 * rows (later turns are compared with first ones); `all`: every turn. Turns without a number are no entries.
 */
export function turnStatistics(
  { nRollouts, turns, group, nGroups }: BatchShape,
  x: Float64Array,
  over: "first" | "all",
  { size, mean, deviation }: TurnStatistics,
): void {
  const entries: number[][] = Array.from({ length: nGroups }, () => []);
  for (let r = 0; r < nRollouts; r++) {
    const own = x.subarray(turns[r], turns[r + 1]).filter((value) => !Number.isNaN(value));
    entries[group[r]!]!.push(...(over === "first" ? own.subarray(0, 1) : own));
  }
  const moments = entries.map(momentsOf);
  for (let r = 0; r < nRollouts; r++) {
    const of = moments[group[r]!]!;
    size.fill(of.n, turns[r], turns[r + 1]);
    mean.fill(of.mean, turns[r], turns[r + 1]);
    deviation.fill(of.deviation, turns[r], turns[r + 1]);
  }
}

function momentsOf(x: readonly number[]): { n: number; mean: number; deviation: number } {
  const n = x.length;
  if (n < 2) return { n, mean: 0, deviation: 1 };
  const mean = x.reduce((a, b) => a + b, 0) / n;
  const squares = x.reduce((a, b) => a + (b - mean) ** 2, 0);
  return { n, mean, deviation: Math.sqrt(squares / (n - 1)) };
}
