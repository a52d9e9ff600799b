/** Which places compete, and how many win. */
export interface Contest {
  /** Half-open range of places. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** 1 = takes part; null = all do. */
  readonly among: Uint8Array | null;
}

/**
 * Sets `chosen` to 1 at the `count` places with the largest `x`, 0 at the others of the range; of equal ones the first
 * wins. NaN is never chosen. Returns the least chosen value, NaN where none is.
 */
export function selectLargest(
  x: Float64Array,
  { from, to, count, among }: Contest,
  chosen: Float64Array,
): number {
  chosen.fill(0, from, to);
  const places = new Int32Array(to - from);
  let n = 0;
  for (let t = from; t < to; t++) {
    if ((among === null || among[t] === 1) && !Number.isNaN(x[t]!)) places[n++] = t;
  }
  const ranked = places.subarray(0, n).sort((a, b) => (x[b]! > x[a]! ? 1 : x[b]! < x[a]! ? -1 : a - b));
  const winners = ranked.subarray(0, count);
  for (const t of winners) chosen[t] = 1;
  return winners.length === 0 ? NaN : x[winners.at(-1)!]!;
}
