/** Sum of x within each row of `offsets`; 0 for an empty row. */
export function rowSums(offsets: Int32Array, x: Float64Array, out: Float64Array): void {
  for (let r = 0; r + 1 < offsets.length; r++) {
    let sum = 0;
    for (let i = offsets[r]!; i < offsets[r + 1]!; i++) sum += x[i]!;
    out[r] = sum;
  }
}

/** Mean of (a − b)² over the rows where both are numbers; NaN where none is. */
export function meanSquaredError(a: Float64Array, b: Float64Array): number {
  let [sum, n] = [0, 0];
  a.forEach((x, r) => {
    const square = (x - b[r]!) ** 2;
    if (Number.isNaN(square)) return;
    sum += square;
    n++;
  });
  return n === 0 ? NaN : sum / n;
}
