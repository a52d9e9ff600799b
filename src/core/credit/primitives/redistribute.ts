/**
 * Share of each entry in its row: weight over the sum of the row's weights. A sum of 0 gives `ofNothing` to each; a
 * weight that is NaN makes the whole row NaN.
 * @param offsets row r is `[offsets[r], offsets[r + 1])`
 */
export function shares(
  offsets: Int32Array,
  weight: Float64Array,
  ofNothing: number,
  share: Float64Array,
): void {
  for (let r = 0; r + 1 < offsets.length; r++) {
    let sum = 0;
    for (let k = offsets[r]!; k < offsets[r + 1]!; k++) sum += weight[k]!;
    for (let k = offsets[r]!; k < offsets[r + 1]!; k++) share[k] = sum === 0 ? ofNothing : weight[k]! / sum;
  }
}

/** γ to the number of entries that follow in the row: 1 for the last one. */
export function recencies(offsets: Int32Array, gamma: number, out: Float64Array): void {
  for (let r = 0; r + 1 < offsets.length; r++) {
    const last = offsets[r + 1]! - 1;
    for (let k = offsets[r]!; k <= last; k++) out[k] = gamma ** (last - k);
  }
}

/** Each row's number at each of its entries, times their factor. */
export function spread(
  offsets: Int32Array,
  total: Float64Array,
  factor: Float64Array,
  out: Float64Array,
): void {
  for (let r = 0; r + 1 < offsets.length; r++)
    for (let k = offsets[r]!; k < offsets[r + 1]!; k++) out[k] = total[r]! * factor[k]!;
}
