/**
 * A value of a Parquet column as JSON would hold it: integers beyond 2^53 as their digits, dates as ISO text, bytes as
 * hexadecimal digits, what is missing as null. Keys are defined, not assigned, so that `__proto__` is an ordinary one.
 */
export function plainValue(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (typeof value !== "object") return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array)
    return Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (Array.isArray(value)) return value.map(plainValue);
  const out: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries(value)) define(out, name, plainValue(entry));
  return out;
}

export function define(out: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(out, name, { value, enumerable: true, configurable: true, writable: true });
}
