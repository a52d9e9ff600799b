import { isRecord } from "../isRecord.ts";

export type Attributes = ReadonlyMap<string, unknown>;

/** `[{key, value: {stringValue | intValue | …}}]` of OTLP JSON as names and plain values. */
export function attributesOf(list: unknown): Attributes {
  const attributes = new Map<string, unknown>();
  for (const entry of Array.isArray(list) ? (list as unknown[]) : [])
    if (isRecord(entry) && typeof entry["key"] === "string")
      attributes.set(entry["key"], plainValue(entry["value"]));
  return attributes;
}

/** An AnyValue. 64-bit integers are text in JSON; those that float64 cannot hold stay text. */
function plainValue(value: unknown): unknown {
  if (!isRecord(value)) return value ?? null;
  const [kind] = Object.keys(value);
  const inner = kind === undefined ? null : value[kind];
  if (kind === "intValue") return Number.isSafeInteger(Number(inner)) ? Number(inner) : inner;
  if (kind === "arrayValue") return listOf(inner).map(plainValue);
  if (kind === "kvlistValue")
    return Object.fromEntries(attributesOf(isRecord(inner) ? inner["values"] : null));
  return inner;
}

function listOf(value: unknown): readonly unknown[] {
  const values = isRecord(value) ? value["values"] : null;
  return Array.isArray(values) ? (values as unknown[]) : [];
}

/** Nanoseconds since the epoch, as their digits; null where they are missing or wrong. */
export function nanosOf(value: unknown): bigint | null {
  const digits = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
  return typeof digits === "string" && /^\d{1,20}$/.test(digits) && !/^0*$/.test(digits)
    ? BigInt(digits)
    : null;
}

/** Seconds since the epoch: the float64 that is nearest to the nanoseconds; NaN where they are missing. */
export function secondsOf(nanos: bigint | null): number {
  if (nanos === null) return NaN;
  const digits = nanos.toString().padStart(10, "0");
  return Number(`${digits.slice(0, -9)}.${digits.slice(-9)}`);
}
