/** Mean and variance of the entries with mask 1. A NaN among them makes both NaN, one outside is never read. */
export interface MaskedMoments {
  /** Entries with mask 1. Fewer than two have no variance: the reference raises an error there. */
  readonly n: number;
  readonly mean: number;
  readonly variance: number;
}

/** Added to the count in the mean's denominator, by the reference. */
const meanEpsilon = 1e-8;

/**
 * Σ x·m / (Σ m + 1e-8), and the same of the squared deviations times n / (n − 1), as verl's `masked_mean` and
 * `masked_var` compute them. The variance of fewer than two entries is 0.
 * @param estimate `biased` leaves out the factor n / (n − 1)
 */
export function maskedMoments(
  x: Float64Array,
  mask: Uint8Array,
  estimate: "unbiased" | "biased" = "unbiased",
): MaskedMoments {
  let n = 0;
  let sum = 0;
  for (let t = 0; t < x.length; t++) {
    if (mask[t] !== 1) continue;
    n++;
    sum += x[t]!;
  }
  if (n < 2) return { n, mean: sum, variance: 0 };
  const mean = sum / (n + meanEpsilon);
  let squares = 0;
  for (let t = 0; t < x.length; t++) if (mask[t] === 1) squares += (x[t]! - mean) ** 2;
  const factor = estimate === "unbiased" ? n / (n - 1) : 1;
  return { n, mean, variance: (squares / (n + meanEpsilon)) * factor };
}

/**
 * (x − mean) / √(variance + 1e-8) at every position, masked ones too; most callers multiply by the mask. verl
 * `masked_whiten`. Fewer than two entries, which it refuses, have no variance: 0 at every position (`n` tells).
 * @param keep `mean` adds the mean again, so that only the spread changes
 */
export function whiten(
  x: Float64Array,
  mask: Uint8Array,
  out: Float64Array,
  keep: "nothing" | "mean" = "nothing",
): MaskedMoments {
  const { n, mean, variance } = maskedMoments(x, mask);
  const scale = n < 2 ? 0 : 1 / Math.sqrt(variance + 1e-8);
  const shift = keep === "mean" ? mean : 0;
  for (let t = 0; t < x.length; t++) out[t] = (x[t]! - mean) * scale + shift;
  return { n, mean, variance };
}

/**
 * (x − mean) / √variance at every position, with the population variance (n), at least 1e-8, as OpenRLHF computes it;
 * moments of nothing are 0 and 1e-8.
 */
export function whitenPopulation(x: Float64Array, mask: Uint8Array, out: Float64Array): MaskedMoments {
  const { n, mean } = centre(x, mask, out);
  let squares = 0;
  for (let t = 0; t < x.length; t++) if (mask[t] === 1) squares += out[t]! ** 2;
  const variance = n === 0 ? 1e-8 : clampBelow(squares / n, 1e-8);
  const scale = 1 / Math.sqrt(variance);
  for (let t = 0; t < x.length; t++) out[t]! *= scale;
  return { n, mean, variance };
}

/** x − mean at every position (OpenRLHF without division by the deviation); its variance is told as 1. */
export function centre(x: Float64Array, mask: Uint8Array, out: Float64Array): MaskedMoments {
  let n = 0;
  let sum = 0;
  for (let t = 0; t < x.length; t++) {
    if (mask[t] !== 1) continue;
    n++;
    sum += x[t]!;
  }
  const mean = n === 0 ? 0 : sum / n;
  for (let t = 0; t < x.length; t++) out[t] = x[t]! - mean;
  return { n, mean, variance: 1 };
}

/** NaN stays NaN. */
function clampBelow(x: number, least: number): number {
  return x < least ? least : x;
}
