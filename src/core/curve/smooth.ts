import { segments } from "./segments.ts";

/**
 * Exponential moving average as TensorBoard computes it: s = w·s + (1 − w)·x over the finite values, divided by
 * 1 − wⁿ so that the beginning is not pulled to 0. It runs over the whole series in its own order, never over what is
 * visible, and starts anew where the steps go back (a restart).
 *
 * NaN policy: a NaN or infinite value gives NaN at its place and is left out of the average. A series whose finite
 * values are all the same passes unchanged.
 * @param weight w, from 0 (no smoothing) up to but not including 1
 * @param out of the values' length
 */
export function smooth(steps: Float64Array, values: Float64Array, weight: number, out: Float64Array): void {
  if (weight <= 0 || isConstant(values)) {
    for (let i = 0; i < values.length; i++) out[i] = Number.isFinite(values[i]) ? values[i]! : NaN;
    return;
  }
  for (const { from, to } of segments(steps)) smoothAttempt(values, from, to, weight, out);
}

function smoothAttempt(
  values: Float64Array,
  from: number,
  to: number,
  weight: number,
  out: Float64Array,
): void {
  let last = 0;
  // wⁿ, n the finite values so far.
  let power = 1;
  for (let i = from; i < to; i++) {
    const x = values[i]!;
    if (!Number.isFinite(x)) {
      out[i] = NaN;
      continue;
    }
    last = last * weight + (1 - weight) * x;
    power *= weight;
    out[i] = last / (1 - power);
  }
}

function isConstant(values: Float64Array): boolean {
  let first = NaN;
  for (const x of values) {
    if (!Number.isFinite(x)) continue;
    if (Number.isNaN(first)) first = x;
    else if (x !== first) return false;
  }
  return true;
}
