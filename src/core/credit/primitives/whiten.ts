/** Mean and variance of the masked entries, as verl's masked helpers compute them. */
export interface MaskedMoments {
  readonly mean: number;
  /** Unbiased; 0 where fewer than two entries count (the reference raises an error there). */
  readonly variance: number;
}

/** Added to the count in the mean's denominator, by the reference. */
const meanEpsilon = 1e-8;

/** Σ x·m / (Σ m + 1e-8), and the same of the squared deviations times n / (n − 1). What is masked is not read. */
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
