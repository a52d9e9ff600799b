import type { Fields } from "../fields.ts";

/** A list of step texts; what is no string is shown as JSON, so that indices stay right. */
export function stepTexts(fields: Fields, name: string): readonly string[] {
  const values = fields.list(name) ?? [];
  const odd = values.findIndex((value) => typeof value !== "string");
  if (odd >= 0) fields.wrong(name, `holds something that is no text at ${odd}; it is shown as JSON`);
  return values.map((value) => (typeof value === "string" ? value : (JSON.stringify(value) ?? "")));
}
