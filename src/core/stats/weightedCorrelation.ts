/** A spread below this, relative to the largest number, is rounding: the numbers are constant. */
const constantBelow = 1e-15;

/**
 * Pearson's correlation of two columns under weights that need not add up to 1. NaN where one is constant or holds a NaN, and
 * for no numbers.
 */
export function weightedCorrelation(a: Float64Array, b: Float64Array, weights: Float64Array): number {
  const total = weights.reduce((sum, w) => sum + w, 0);
  const mean = (f: (i: number) => number): number => weights.reduce((sum, w, i) => sum + w * f(i), 0) / total;
  const meanA = mean((i) => a[i]!);
  const meanB = mean((i) => b[i]!);
  const spreadA = Math.sqrt(mean((i) => (a[i]! - meanA) ** 2));
  const spreadB = Math.sqrt(mean((i) => (b[i]! - meanB) ** 2));
  if (spreadA <= constantBelow * sizeOf(a) || spreadB <= constantBelow * sizeOf(b)) return NaN;
  return mean((i) => (a[i]! - meanA) * (b[i]! - meanB)) / (spreadA * spreadB);
}

function sizeOf(values: Float64Array): number {
  return values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
}
