/** A column of float64 from a JSON array: null becomes NaN; true is 1; null when an entry is anything else. */
export function numericColumn(values: readonly unknown[]): Float64Array | null {
  const column = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value === "number") column[i] = value;
    else if (value === null) column[i] = NaN;
    else if (typeof value === "boolean") column[i] = value ? 1 : 0;
    else return null;
  }
  return column;
}
