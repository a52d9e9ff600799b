/** Mean and variance of the entries with mask 1. A NaN among them makes both NaN, one outside is never read. */
export interface MaskedMoments {
  readonly mean: number;
  readonly variance: number;
}

/** Added to the count in the mean's denominator, by the reference. */
const meanEpsilon = 1e-8;

/**
 * Σ x·m / (Σ m + 1e-8), and the same of the squared deviations times n / (n − 1), as verl's `masked_mean` and
 * `masked_var` compute them. The variance of fewer than two entries is 0 (the reference raises an error there).
 */
export function maskedMoments(x: Float64Array, mask: Uint8Array): MaskedMoments {
  let n = 0;
  let sum = 0;
  for (let t = 0; t < x.length; t++) {
    if (mask[t] !== 1) continue;
    n++;
    sum += x[t]!;
  }
  const mean = sum / (n + meanEpsilon);
  if (n < 2) return { mean, variance: 0 };
  let squares = 0;
  for (let t = 0; t < x.length; t++) if (mask[t] === 1) squares += (x[t]! - mean) ** 2;
  return { mean, variance: (squares / (n + meanEpsilon)) * (n / (n - 1)) };
}

/** (x − mean) / √(variance + 1e-8) at every position, masked ones too; most callers multiply by the mask. */
export function whiten(x: Float64Array, mask: Uint8Array, out: Float64Array): MaskedMoments {
  const moments = maskedMoments(x, mask);
  const scale = 1 / Math.sqrt(moments.variance + 1e-8);
  for (let t = 0; t < x.length; t++) out[t] = (x[t]! - moments.mean) * scale;
  return moments;
}

/**
 * (x − mean) / √variance at every position, with the population variance (n), at least 1e-8, as OpenRLHF computes it;
 * moments of nothing are 0 and 1e-8.
 */
export function whitenPopulation(x: Float64Array, mask: Uint8Array, out: Float64Array): MaskedMoments {
  let n = 0;
  let sum = 0;
  for (let t = 0; t < x.length; t++) {
    if (mask[t] !== 1) continue;
    n++;
    sum += x[t]!;
  }
  const mean = n === 0 ? 0 : sum / n;
  let squares = 0;
  for (let t = 0; t < x.length; t++) if (mask[t] === 1) squares += (x[t]! - mean) ** 2;
  const variance = n === 0 ? 1e-8 : clampBelow(squares / n, 1e-8);
  const scale = 1 / Math.sqrt(variance);
  for (let t = 0; t < x.length; t++) out[t] = (x[t]! - mean) * scale;
  return { mean, variance };
}

/** NaN stays NaN. */
function clampBelow(x: number, least: number): number {
  return x < least ? least : x;
}
