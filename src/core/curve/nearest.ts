import type { Segment } from "./segments.ts";

/** First index in [from, to) whose step is not below `step`; `to` when there is none. Steps must not go back. */
export function lowerBound(steps: Float64Array, step: number, { from, to }: Segment): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (steps[middle]! < step) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Index of the point of a segment whose step is nearest; of two as near, the earlier step; of a repeated step, the
 * point logged last. −1 for an empty segment.
 */
export function nearest(steps: Float64Array, step: number, segment: Segment): number {
  const { from, to } = segment;
  if (from >= to) return -1;
  const after = lowerBound(steps, step, segment);
  const isBefore = after === to || (after > from && step - steps[after - 1]! <= steps[after]! - step);
  let found = isBefore ? after - 1 : after;
  while (found + 1 < to && steps[found + 1] === steps[found]) found++;
  return found;
}

/**
 * The same over all attempts of a series: the latest attempt that reaches the step, else the nearest point of any. −1
 * for an empty series.
 */
export function nearestOfAttempts(steps: Float64Array, step: number, attempts: readonly Segment[]): number {
  let best = -1;
  for (const attempt of attempts.toReversed()) {
    const found = nearest(steps, step, attempt);
    if (found < 0) continue;
    if (steps[attempt.from]! <= step && step <= steps[attempt.to - 1]!) return found;
    if (best < 0 || Math.abs(steps[found]! - step) < Math.abs(steps[best]! - step)) best = found;
  }
  return best;
}
