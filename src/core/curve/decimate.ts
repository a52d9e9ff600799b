import { lowerBound } from "./nearest.ts";
import type { Segment } from "./segments.ts";

/** Stands between two indexes where the pen is lifted. */
export const penUp = -1;

/** What is on screen: steps from `low` to `high`, on so many columns of pixels. */
export interface Window {
  readonly low: number;
  readonly high: number;
  readonly columns: number;
}

/**
 * Indexes of the points that draw one segment of a series as all its points would: of each column of pixels the lowest
 * and the highest value in their order, of each unbroken stretch its two ends, and the neighbours just outside the
 * window, so that lines leave the picture. `penUp` stands where a value is NaN or infinite.
 *
 * Columns are bins of a width that is a power of two, laid from step 0: they stay where they are when points are
 * appended or the window moves, so that a spike neither comes nor goes.
 */
export function decimate(
  steps: Float64Array,
  values: Float64Array,
  segment: Segment,
  window: Window,
): Int32Array {
  const from = Math.max(segment.from, lowerBound(steps, window.low, segment) - 1);
  const to = Math.min(segment.to, afterStep(steps, window.high, segment) + 1);
  const picked: number[] = [];
  const width = binWidth(window);
  const isSparse = to - from <= 2 * window.columns;
  let stretch = from;
  for (let i = from; i <= to; i++) {
    if (i < to && Number.isFinite(values[i])) continue;
    if (stretch < i) {
      if (picked.length > 0) picked.push(penUp);
      if (isSparse) for (let k = stretch; k < i; k++) picked.push(k);
      else pickStretch(steps, values, { from: stretch, to: i }, width, picked);
    }
    stretch = i + 1;
  }
  return Int32Array.from(picked);
}

/** Smallest power of two that needs no more bins than there are columns. */
export function binWidth({ low, high, columns }: Window): number {
  const width = (high - low) / Math.max(1, columns);
  return width > 0 ? 2 ** Math.ceil(Math.log2(width)) : 1;
}

function pickStretch(
  steps: Float64Array,
  values: Float64Array,
  { from, to }: Segment,
  width: number,
  picked: number[],
): void {
  picked.push(from);
  let lowest = -1;
  let highest = -1;
  let bin = NaN;
  const flush = (): void => {
    if (lowest < 0) return;
    picked.push(Math.min(lowest, highest));
    if (lowest !== highest) picked.push(Math.max(lowest, highest));
  };
  for (let i = from + 1; i < to - 1; i++) {
    const at = Math.floor(steps[i]! / width);
    if (at !== bin) {
      flush();
      bin = at;
      lowest = i;
      highest = i;
    } else {
      if (values[i]! < values[lowest]!) lowest = i;
      if (values[i]! > values[highest]!) highest = i;
    }
  }
  flush();
  if (to - 1 > from) picked.push(to - 1);
}

/** First index whose step is above `step`. */
function afterStep(steps: Float64Array, step: number, segment: Segment): number {
  let at = lowerBound(steps, step, segment);
  while (at < segment.to && steps[at] === step) at++;
  return at;
}
