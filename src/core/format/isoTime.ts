/**
 * Seconds since the epoch of an ISO 8601 text; NaN where it is none. A time without a zone, as Python writes it by
 * default, is read as UTC: what zone was meant, the log does not say, and it must be the same on every machine.
 */
export function isoSeconds(text: unknown): number {
  if (typeof text !== "string") return NaN;
  const isZoned = /(?:z|[+-]\d\d:?\d\d)$/i.test(text);
  return Date.parse(isZoned || !text.includes("T") ? text : `${text}Z`) / 1000;
}
