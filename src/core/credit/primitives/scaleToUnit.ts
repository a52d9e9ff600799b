/**
 * (x − min) / (max − min) over the finite numbers of the whole column; 0 where they are all the same, so that what does not vary
 * tells nothing. NaN stays NaN.
 */
export function scaleToUnit(x: Float64Array, out: Float64Array): void {
  let least = Infinity;
  let most = -Infinity;
  for (const y of x) {
    if (!Number.isFinite(y)) continue;
    least = Math.min(least, y);
    most = Math.max(most, y);
  }
  const width = most - least;
  for (let i = 0; i < x.length; i++) out[i] = (x[i]! - least) / (width === 0 ? 1 : width);
}
