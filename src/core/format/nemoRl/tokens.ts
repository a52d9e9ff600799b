import type { Fields } from "../fields.ts";
import { withoutFiller } from "../filler.ts";
import type { RecordPlace } from "../jsonLines.ts";
import type { MaskedTokens } from "../maskRuns.ts";
import { readTokenColumn, readTokenIds, readTokenMask } from "../tokenIds.ts";

/** What is written → the column here, and whether zeros fill it where nothing was sampled. */
const columnsOf: readonly (readonly [name: string, as: string, filled: boolean])[] = [
  ["advantages", "advantages", false],
  ["generation_logprobs", "logprobs", true],
  ["prev_logprobs", "old_logprobs", true],
  ["reference_policy_logprobs", "ref_logprobs", true],
  ["values", "values", false],
  ["returns", "returns", false],
];

/** Tokens of a sample without the padding at their right. */
export function readTokens(fields: Fields, report: RecordPlace["report"]): MaskedTokens {
  const padded = readTokenIds(fields, "token_ids");
  const width = padded?.length ?? fields.list("token_loss_mask")?.length ?? 0;
  const length = fields.integer("input_lengths");
  const n = length === null ? width : Math.max(0, Math.min(length, width));
  if (length !== null && length !== n)
    report("bad-field", `input_lengths is ${length}, but there are ${width} tokens; ${n} are read.`);
  const mask = readTokenMask(fields, "token_loss_mask", width)?.slice(0, n) ?? new Uint8Array(n);
  const columns = new Map<string, Float64Array>();
  for (const [name, as, filled] of columnsOf) {
    const column = readTokenColumn(fields, name, width)?.slice(0, n);
    if (column !== undefined) columns.set(as, filled ? withoutFiller(column, mask, 0) : column);
  }
  return { n, ids: padded?.slice(0, n) ?? null, mask, columns };
}
