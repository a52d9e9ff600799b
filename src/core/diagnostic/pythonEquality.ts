import { isRecord } from "../format/isRecord.ts";

/** Values of JSON compared as Python compares them: true equals 1, keys in any order, lists in theirs; NaN equals nothing. */
export function equalsAsPython(a: unknown, b: unknown): boolean {
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== null || y !== null) return x === y;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, i) => equalsAsPython(one, b[i]));
  if (!isRecord(a) || !isRecord(b)) return a === b;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && equalsAsPython(a[name], b[name]))
  );
}

/** What tells values apart as keys of a Python dict; null for what cannot be one: a list, a dict. */
export function hashKey(value: unknown): string | null {
  const number = numberOf(value);
  if (number !== null) return `n${number}`;
  if (typeof value === "string") return `s${value}`;
  return value === null ? "none" : null;
}

function numberOf(value: unknown): number | null {
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "number" ? value : null;
}
