import type { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import { other } from "./names.ts";

/** Unknown fields: those that stand by themselves, and those in `other`, whose names the native format uses otherwise. */
export function restOf(fields: Fields): Map<string, unknown> {
  const rest = fields.rest();
  const others = rest.get(other);
  if (!isRecord(others)) return rest;
  rest.delete(other);
  for (const [name, value] of Object.entries(others)) rest.set(name, value);
  return rest;
}
