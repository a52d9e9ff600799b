import type { Fields } from "./fields.ts";

/** The log's own id of a rollout; an empty one names nothing. */
export function readId(fields: Fields, name: string): string | null {
  const id = fields.key(name);
  if (id !== "") return id;
  fields.wrong(name, "is empty and is read as missing");
  return null;
}
