import type { Matrix } from "./singularValues.ts";

const sweepLimit = 60;

/**
 * Eigenvalues of a symmetric matrix by cyclic Jacobi rotations, largest first; they may be negative.
 * NaN anywhere gives NaN everywhere.
 */
export function symmetricEigenvalues({ rows: n, values }: Matrix): Float64Array {
  if (!values.every((x) => Number.isFinite(x))) return new Float64Array(n).fill(NaN);
  const a = Float64Array.from(values);
  const size = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
  for (let sweep = 0; sweep < sweepLimit; sweep++) {
    let rotated = false;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p * n + q]!) <= 1e-17 * size) continue;
        annihilate(a, n, p, q);
        rotated = true;
      }
    }
    if (!rotated) break;
  }
  return Float64Array.from({ length: n }, (_, i) => a[i * n + i]!)
    .sort()
    .reverse();
}

/** One rotation in the plane of p and q that makes their entry 0. */
function annihilate(a: Float64Array, n: number, p: number, q: number): void {
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * a[p * n + q]!);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(1 + theta * theta));
  const c = 1 / Math.sqrt(1 + t * t);
  const s = c * t;
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[k * n + p]!, a[k * n + q]!];
    a[k * n + p] = c * x - s * y;
    a[k * n + q] = s * x + c * y;
  }
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[p * n + k]!, a[q * n + k]!];
    a[p * n + k] = c * x - s * y;
    a[q * n + k] = s * x + c * y;
  }
}
