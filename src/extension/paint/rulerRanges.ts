import type { Spans } from "../../protocol/store.ts";

/** Marks on the ruler at most; more would slow the editor and could not be told apart. */
const mostMarks = 1000;

/** Lines [from, to] that hold a span of the bucket, merged where they touch; every n-th where there are too many. */
export function rulerRanges(
  spans: Spans,
  buckets: Uint8Array,
  bucket: number,
): readonly (readonly [number, number])[] {
  const ranges: [number, number][] = [];
  for (let k = 0; k < buckets.length; k++) {
    if (buckets[k] !== bucket) continue;
    const from = spans[4 * k]!;
    const to = spans[4 * k + 2]!;
    const last = ranges.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else ranges.push([from, to]);
  }
  const stride = Math.ceil(ranges.length / mostMarks);
  return stride <= 1 ? ranges : ranges.filter((_, i) => i % stride === 0);
}
