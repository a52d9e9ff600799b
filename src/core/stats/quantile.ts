/**
 * Quantile with linear interpolation between order statistics (type 7, as numpy's default).
 * @param values finite numbers in any order; they are sorted in place
 * @param q from 0 to 1
 * @returns NaN of no values
 */
export function quantile(values: Float64Array, q: number): number {
  const n = values.length;
  if (n === 0) return NaN;
  values.sort();
  const at = q * (n - 1);
  const low = Math.floor(at);
  const high = Math.min(n - 1, low + 1);
  return values[low]! + (at - low) * (values[high]! - values[low]!);
}
