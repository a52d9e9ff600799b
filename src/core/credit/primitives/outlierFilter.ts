/** Bounds that a standardised number must keep: `shifted` lie around the raw mean, as released; `centred` around 0. */
export interface OutlierBounds {
  readonly bounds: "shifted" | "centred";
  /** Half the distance of the bounds. */
  readonly width: number;
  /** What is farther from 0 goes in any case; infinite = nothing does. */
  readonly extreme: number;
  /** Added to every standardised number. */
  readonly offset: number;
  /**
   * A number that is not finite: `leftOut` of the moments, where NaN stays NaN and one on a masked token counts as 0; or
   * `zero`, as released: it makes the moments what they become, and what is no number then is set to 0.
   */
  readonly nonFinite: "leftOut" | "zero";
}

/** Moments of the standardisation: the mean, and 1 / √variance. */
export interface Standardization {
  readonly mean: number;
  readonly rstd: number;
}

/**
 * Standardises x over the positions with mask 1: (x − mean) · rstd + offset at every position. `shifted` sums over masked
 * positions too and divides by the number of trained ones, as R1-Reward `normalize` does. The variance is over n, at least
 * 1e-8.
 */
export function standardize(
  x: Float64Array,
  mask: Uint8Array,
  { bounds, offset, nonFinite }: OutlierBounds,
  out: Float64Array,
): Standardization {
  const counts = (t: number): boolean => nonFinite === "zero" || Number.isFinite(x[t]!);
  let [n, sum] = [0, 0];
  for (let t = 0; t < x.length; t++) {
    if (!counts(t)) continue;
    n += mask[t]!;
    if (mask[t] === 1 || bounds === "shifted") sum += x[t]!;
  }
  const none = n === 0 && nonFinite === "leftOut";
  const mean = none ? 0 : sum / n;
  let squares = 0;
  for (let t = 0; t < x.length; t++) if (mask[t] === 1 && counts(t)) squares += (x[t]! - mean) ** 2;
  const variance = none ? 0 : squares / n;
  const rstd = 1 / Math.sqrt(variance < 1e-8 ? 1e-8 : variance);
  for (let t = 0; t < x.length; t++) {
    const own = mask[t] === 0 && !counts(t) ? 0 : x[t]!;
    out[t] = (own - mean) * rstd + offset;
  }
  return { mean, rstd };
}

/**
 * 1 where a standardised number stays, 0 where it is set to 0: out of the bounds, extreme or infinite. NaN stays NaN, or
 * is one of those (`nonFinite: zero`).
 */
export function keepInside(
  standardized: Float64Array,
  mean: number,
  { bounds, width, extreme, nonFinite }: OutlierBounds,
  kept: Float64Array,
): void {
  const centre = bounds === "shifted" ? mean : 0;
  for (let t = 0; t < standardized.length; t++) {
    const x = standardized[t]!;
    const outside = x < centre - width || x > centre + width;
    if (Number.isNaN(x)) kept[t] = nonFinite === "zero" ? 0 : NaN;
    else kept[t] = outside || Math.abs(x) > extreme || !Number.isFinite(x) ? 0 : 1;
  }
}

/** log(π/π_old) within [ln 1e-3, ln 1e3] before it is exponentiated (StableReinforce's Pre-CLIP). NaN stays NaN. */
export function preClip(logRatio: number, { least = 1e-3, most = 1e3 } = {}): number {
  const [low, high] = [Math.log(least), Math.log(most)];
  if (logRatio < low) return low;
  return logRatio > high ? high : logRatio;
}
