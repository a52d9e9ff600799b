import { type Matrix, singularValues } from "../stats/singularValues.ts";
import { symmetricEigenvalues } from "../stats/symmetricEigenvalues.ts";

/** Added where the official code adds it: to the sum of the singular values and inside the logarithm. */
const tiny = 1e-8;
/** The official code sees eigenvalues below this as 0. */
const eigenvalueFloor = 1e-8;
/** Relative spacing of single precision: the official code computes in it, and its rank tolerance is made of it. */
const eps32 = 2 ** -23;

/** Numbers of one window of hidden states (VERL, section 14.1). */
export interface RankNumbers {
  readonly effectiveRank: number;
  readonly logEffectiveRank: number;
  /** Singular values above max · max(T, D) · 2⁻²³. */
  readonly traditionalRank: number;
  /** Entropies of the normalised eigenvalues σ² of the Gram matrix: Shannon, and Rényi of order 1.0001. */
  readonly shannonEntropy: number;
  readonly renyiEntropy: number;
  /** The same of the covariance matrix, σ² / (T − 1): other ones only where eigenvalues are too small to count. */
  readonly shannonOfCovariance: number;
  readonly renyiOfCovariance: number;
}

/** Hidden states with the mean of each column taken away. */
export function centered({ rows, columns, values }: Matrix): Matrix {
  const out = Float64Array.from(values);
  for (let j = 0; j < columns; j++) {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += values[i * columns + j]!;
    for (let i = 0; i < rows; i++) out[i * columns + j]! -= sum / rows;
  }
  return { rows, columns, values: out };
}

/** @param hidden T×D hidden states of the response. Fewer than 2 rows: all 0; equal rows: an effective rank of 1. */
export function rankNumbers(hidden: Matrix): RankNumbers {
  const { rows, columns } = hidden;
  if (rows < 2) {
    return {
      effectiveRank: 0,
      logEffectiveRank: 0,
      traditionalRank: 0,
      shannonEntropy: 0,
      renyiEntropy: 0,
      shannonOfCovariance: 0,
      renyiOfCovariance: 0,
    };
  }
  const sigma = singularValues(centered(hidden));
  const tolerance = (sigma[0] ?? 0) * Math.max(rows, columns) * eps32;
  const logEffectiveRank = singularEntropy(sigma);
  const deviations = sigma.map((x) => x / Math.sqrt(rows - 1));
  return {
    effectiveRank: Math.exp(logEffectiveRank),
    logEffectiveRank,
    traditionalRank: sigma.filter((x) => x > tolerance).length,
    shannonEntropy: spectralEntropy(sigma, 1),
    renyiEntropy: spectralEntropy(sigma, 1.0001),
    shannonOfCovariance: spectralEntropy(deviations, 1),
    renyiOfCovariance: spectralEntropy(deviations, 1.0001),
  };
}

/** −Σ p log(p + 1e-8) with p = σ / (Σσ + 1e-8). */
export function singularEntropy(sigma: Float64Array): number {
  const sum = sigma.reduce((a, b) => a + b, 0) + tiny;
  // `0 −` so that no values at all give 0, not −0.
  return 0 - sigma.reduce((a, x) => a + (x / sum) * Math.log(x / sum + tiny), 0);
}

/** Entropy of order `alpha` of σ² / Σσ², without those σ² that the official code sees as 0. */
export function spectralEntropy(sigma: Float64Array, alpha: number): number {
  const squares = sigma.map((x) => x * x).filter((x) => x > eigenvalueFloor || Number.isNaN(x));
  if (squares.length === 0) return 0;
  const sum = squares.reduce((a, b) => a + b, 0);
  const p = squares.map((x) => x / sum);
  if (Math.abs(alpha - 1) < 1e-6) return 0 - p.reduce((a, x) => a + (x > 1e-12 ? x * Math.log(x) : 0), 0);
  return Math.log(p.reduce((a, x) => a + x ** alpha, 0)) / (1 - alpha);
}

/**
 * log of the effective rank as the release's fast path has it: square roots of the eigenvalues of the T×T Gram matrix in
 * single precision. Where T > D the eigenvalues that should be 0 are rounding noise, whose roots raise the rank; the exact
 * noise depends on the machine.
 */
export function singlePrecisionEntropy({ rows, columns, values }: Matrix): number {
  const f = Math.fround;
  const row = (i: number): Float64Array => values.subarray(i * columns, (i + 1) * columns);
  const product = (a: Float64Array, b: Float64Array): number => {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum = f(sum + f(f(a[j]!) * f(b[j]!)));
    return sum;
  };
  const total = new Float64Array(columns);
  for (let i = 0; i < rows; i++) row(i).forEach((x, j) => (total[j] = f(total[j]! + f(x))));
  const mean = total.map((x) => f(x / rows));
  const toMean = Float64Array.from({ length: rows }, (_, i) => f(product(row(i), total) / rows));
  const meanSquare = product(mean, mean);
  const gram = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k <= i; k++) {
      const entry = f(f(f(product(row(i), row(k)) - toMean[i]!) - toMean[k]!) + meanSquare);
      gram[i * rows + k] = entry;
      gram[k * rows + i] = entry;
    }
  }
  const eigenvalues = symmetricEigenvalues({ rows, columns: rows, values: gram });
  return singularEntropy(eigenvalues.map((x) => Math.sqrt(Math.max(0, x))));
}

const chunkSize = 256;
const smallestStep = 1e-6;

/**
 * Mean angle in radians between consecutive increments of the hidden states; in chunks of 256 increments, as the official
 * code has it, without those shorter than 1e-6. 0 where there are fewer than two.
 */
export function curvature({ rows, columns, values }: Matrix): number {
  let sum = 0;
  let count = 0;
  for (let from = 0; from < rows - 1; from += chunkSize) {
    const steps: Float64Array[] = [];
    for (let i = from; i < Math.min(from + chunkSize, rows - 1); i++) {
      const step = Float64Array.from(
        { length: columns },
        (_, j) => values[(i + 1) * columns + j]! - values[i * columns + j]!,
      );
      if (!(Math.hypot(...step) <= smallestStep)) steps.push(step);
    }
    for (let i = 0; i + 1 < steps.length; i++) {
      sum += angle(steps[i]!, steps[i + 1]!);
      count++;
    }
  }
  return count === 0 ? 0 : sum / count;
}

function angle(a: Float64Array, b: Float64Array): number {
  const product = a.reduce((sum, x, j) => sum + x * b[j]!, 0);
  const cosine = product / (Math.max(Math.hypot(...a), tiny) * Math.max(Math.hypot(...b), tiny));
  return Math.acos(Math.max(-1, Math.min(1, cosine)));
}
