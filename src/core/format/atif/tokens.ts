import { bareTokens } from "../../rollout/bareTokens.ts";
import type { TokenColumns } from "../../rollout/tokenColumns.ts";
import type { Turn } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { numericColumn } from "../numericColumn.ts";
import { readTokenIds } from "../tokenIds.ts";

/** Token ids of one call of the model: the whole prompt, and what it wrote. */
export interface CallTokens {
  readonly prompt: Int32Array | null;
  readonly completion: Int32Array | null;
  readonly logprobs: Float64Array | null;
  /** How many tokens of what it wrote are shown. */
  readonly n: number;
}

/** `prompt_token_ids`, `completion_token_ids`, `logprobs`; of lists of different lengths the shorter counts. */
export function readCallTokens(
  record: Readonly<Record<string, unknown>>,
  where: string,
  report: RecordPlace["report"],
): CallTokens {
  const fields = new Fields(record, where, report);
  const completion = readTokenIds(fields, "completion_token_ids");
  const values = fields.list("logprobs");
  const column = values === null ? null : numericColumn(values);
  if (values !== null && column === null)
    fields.wrong("logprobs", "holds something that is no number; the column is left out");
  const prompt = readTokenIds(fields, "prompt_token_ids");
  const counts = [completion, column].flatMap((values) => (values === null ? [] : [values.length]));
  const n = counts.length === 0 ? 0 : Math.min(...counts);
  if (counts.some((count) => count !== n))
    fields.wrong(
      "logprobs",
      `has ${column!.length} entries for ${completion!.length} tokens; the first ${n} of both are shown`,
    );
  return { prompt, completion, logprobs: column, n };
}

/**
 * Puts the tokens of calls on turns. A call's prompt repeats what went before it: what it adds is the context between
 * two calls, and lies on the turn before the call. Where a prompt does not begin with what went before (the context was
 * summarized), only what the model wrote is shown.
 */
export class TokenPlacer {
  /** All tokens up to here; null once they are not known. */
  #before: Int32Array | null = new Int32Array(0);

  /** @param at the turn that the call wrote */
  place(turns: Turn[], at: number, { prompt, completion, logprobs, n }: CallTokens): void {
    const columns = new Map(logprobs === null ? [] : [["logprobs", logprobs.slice(0, n)] as const]);
    const ids = completion?.slice(0, n) ?? null;
    const written = n === 0 ? null : bareTokens({ n, ids, mask: null, columns }, true);
    const added = prompt === null || this.#before === null ? null : suffix(prompt, this.#before);
    if (added !== null && added.length > 0) this.#context(turns, at, { ids: added, written });
    else turns[at] = { ...turns[at]!, tokens: written };
    this.#before = prompt === null || completion === null ? null : concat(prompt, completion);
  }

  #context(
    turns: Turn[],
    at: number,
    { ids, written }: { readonly ids: Int32Array; readonly written: TokenColumns | null },
  ): void {
    const before = turns[at - 1];
    const context = { n: ids.length, ids, mask: null, columns: new Map<string, Float64Array>() };
    if (before !== undefined && !before.trainable && before.tokens === null) {
      turns[at - 1] = { ...before, tokens: bareTokens(context, false) };
      turns[at] = { ...turns[at]!, tokens: written };
    } else turns[at] = { ...turns[at]!, tokens: joined(bareTokens(context, false), written) };
  }
}

/** Tokens that open a turn, not trained on, before those that were. */
function joined(context: TokenColumns, written: TokenColumns | null): TokenColumns {
  if (written === null) return context;
  const n = context.n + written.n;
  const ids = context.ids === null || written.ids === null ? null : concat(context.ids, written.ids);
  const mask = new Uint8Array(n).fill(1, context.n);
  const columns = new Map<string, Float64Array>();
  for (const [name, column] of written.columns) {
    const whole = new Float64Array(n).fill(NaN);
    whole.set(column, context.n);
    columns.set(name, whole);
  }
  return bareTokens({ n, ids, mask, columns }, true);
}

function suffix(ids: Int32Array, before: Int32Array): Int32Array | null {
  if (ids.length < before.length) return null;
  for (let i = 0; i < before.length; i++) if (ids[i] !== before[i]) return null;
  return ids.slice(before.length);
}

function concat(a: Int32Array, b: Int32Array): Int32Array {
  const out = new Int32Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
