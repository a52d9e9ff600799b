/** A column in which `filler` stands where a token was not trained on: there the number is missing. */
export function withoutFiller(column: Float64Array, mask: Uint8Array, filler: number): Float64Array {
  return column.map((x, t) => (mask[t] === 0 && x === filler ? NaN : x));
}

/** Numbers that mean something for trained tokens alone. */
export function trainedOnly(column: Float64Array, mask: Uint8Array): Float64Array {
  return column.map((x, t) => (mask[t] === 0 ? NaN : x));
}
