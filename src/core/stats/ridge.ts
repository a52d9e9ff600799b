import type { Matrix } from "./singularValues.ts";

/**
 * Ridge regression: the β that minimises |y − Xβ|² + penalty·|β|², by Cholesky of XᵀX + penalty·I.
 * @param penalty above 0, so that there is always one answer
 */
export function ridge({ rows, columns, values }: Matrix, y: Float64Array, penalty: number): Float64Array {
  const gram = new Float64Array(columns * columns);
  const right = new Float64Array(columns);
  for (let r = 0; r < rows; r++) {
    const row = values.subarray(r * columns, (r + 1) * columns);
    row.forEach((x, i) => {
      right[i]! += x * y[r]!;
      for (let j = 0; j <= i; j++) gram[i * columns + j]! += x * row[j]!;
    });
  }
  for (let i = 0; i < columns; i++) gram[i * columns + i]! += penalty;
  return solve(cholesky(gram, columns), right);
}

/** Lower factor L of a positive definite matrix given by its lower half, in place. */
function cholesky(a: Float64Array, n: number): Float64Array {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      a[i * n + j] = i === j ? Math.sqrt(sum) : sum / a[j * n + j]!;
    }
  }
  return a;
}

/** Solves L·Lᵀ·x = b. */
function solve(l: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= l[i * n + k]! * x[k]!;
    x[i]! /= l[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= l[k * n + i]! * x[k]!;
    x[i]! /= l[i * n + i]!;
  }
  return x;
}
