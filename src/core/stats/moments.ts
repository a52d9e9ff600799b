/** Mean of the numbers that are there; NaN of none. */
export function meanOf(values: Iterable<number>): number {
  let n = 0;
  let sum = 0;
  for (const x of values) {
    if (Number.isNaN(x)) continue;
    n++;
    sum += x;
  }
  return n === 0 ? NaN : sum / n;
}

/** Unbiased standard deviation (n − 1) of the numbers that are there; NaN of fewer than two. */
export function stdOf(values: readonly number[]): number {
  const known = values.filter((x) => !Number.isNaN(x));
  if (known.length < 2) return NaN;
  const mean = meanOf(known);
  return Math.sqrt(known.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (known.length - 1));
}
