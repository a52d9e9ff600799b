import type { Head } from "./head.ts";
import { tokenClassification } from "./heads/tokenClassification.ts";
import { valueHead } from "./heads/valueHead.ts";

/** Every head. Adding one is a file in `heads/` and a line here. */
export const heads = [tokenClassification, valueHead] as const;

export type HeadId = (typeof heads)[number]["id"];

export function headOf(id: string): Head<HeadId> | undefined {
  return heads.find((head) => head.id === id);
}
