import type { Fields } from "./fields.ts";
import { numericColumn } from "./numericColumn.ts";

/** Token ids of a field; null where it is missing, or holds what is no id, which is reported. */
export function readTokenIds(fields: Fields, name: string): Int32Array | null {
  const values = fields.list(name);
  if (values === null) return null;
  const column = numericColumn(values);
  const ids = column === null ? null : Int32Array.from(column);
  if (ids !== null && ids.every((id, t) => id === column![t])) return ids;
  fields.wrong(name, "holds something that is no token id and is read as missing");
  return null;
}

/** A numeric column of n tokens; null where it is missing, or of another length or type, which is reported. */
export function readTokenColumn(fields: Fields, name: string, n: number): Float64Array | null {
  const values = fields.list(name);
  if (values === null) return null;
  if (values.length !== n) {
    fields.wrong(name, `has ${values.length} entries for ${n} tokens and is left out`);
    return null;
  }
  const column = numericColumn(values);
  if (column === null) fields.wrong(name, "holds something that is no number; the column is left out");
  return column;
}

/** A mask of n tokens, 1 where the entry is above zero; null as in `readTokenColumn`. */
export function readTokenMask(fields: Fields, name: string, n: number): Uint8Array | null {
  const column = readTokenColumn(fields, name, n);
  return column === null ? null : Uint8Array.from(column, (x) => (x > 0 ? 1 : 0));
}
