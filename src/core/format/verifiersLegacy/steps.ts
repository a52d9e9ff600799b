import { bareTokens } from "../../rollout/bareTokens.ts";
import type { TokenColumns } from "../../rollout/tokenColumns.ts";
import type { Turn } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { readTokenColumn, readTokenIds, readTokenMask } from "../tokenIds.ts";

/**
 * Turns with what the steps of `trajectory` say of them, null where the steps are not the trainable turns one by one. A
 * step repeats the tokens of all that came before; what it adds stands on the message before its turn, or at the
 * turn's beginning where there is none.
 */
export function withSteps(
  turns: readonly Turn[],
  steps: readonly unknown[],
  report: RecordPlace["report"],
): readonly Turn[] | null {
  const places = turns.flatMap((turn, i) => (turn.trainable ? [i] : []));
  if (places.length !== steps.length || !steps.every(isRecord)) return null;
  const out = [...turns];
  let known: Int32Array = new Int32Array(0);
  places.forEach((place, k) => {
    const fields = new Fields(steps[k]!, `trajectory[${k}]`, report);
    const record = fields.object("tokens");
    const step = record === null ? null : readStep(record, `trajectory[${k}].tokens`, report);
    const advantage = fields.number("advantage");
    const reward = fields.number("reward");
    // Both repeat the conversation.
    for (const name of ["prompt", "completion"]) fields.raw(name);
    const extra = new Map([...out[place]!.extra, ["step", Object.fromEntries(fields.rest())] as const]);
    let tokens = step?.own ?? null;
    if (step !== null) {
      const context = suffixOf(step.context, known);
      if (context !== null && context.length > 0) {
        const before = place - 1;
        if (before >= 0 && !out[before]!.trainable)
          out[before] = { ...out[before]!, tokens: untrained(context) };
        else tokens = prepend(context, step.own);
      }
      known = joined(step.context, step.own.ids!);
    }
    if (tokens !== null && !Number.isNaN(advantage)) tokens = withAdvantage(tokens, advantage);
    else if (!Number.isNaN(advantage)) extra.set("advantage", advantage);
    out[place] = { ...out[place]!, reward, tokens, extra };
  });
  return out;
}

interface StepTokens {
  /** Ids of all that the model was given. */
  readonly context: Int32Array;
  /** What it wrote. */
  readonly own: TokenColumns;
}

function readStep(
  record: Readonly<Record<string, unknown>>,
  where: string,
  report: RecordPlace["report"],
): StepTokens | null {
  const fields = new Fields(record, where, report);
  const ids = readTokenIds(fields, "completion_ids");
  const context = readTokenIds(fields, "prompt_ids") ?? new Int32Array(0);
  fields.raw("prompt_mask");
  if (ids === null) return null;
  const n = ids.length;
  const mask = readTokenMask(fields, "completion_mask", n);
  const logprobs = readTokenColumn(fields, "completion_logprobs", n);
  const columns = new Map(logprobs === null ? [] : [["logprobs", logprobs]]);
  return { context, own: { ...bareTokens({ n, ids, mask, columns }, true), extra: fields.rest() } };
}

/** What of `ids` follows `prefix`; null where it does not begin with it (the context was rewritten). */
function suffixOf(ids: Int32Array, prefix: Int32Array): Int32Array | null {
  return prefix.every((id, t) => id === ids[t]) ? ids.slice(prefix.length) : null;
}

function joined(a: Int32Array, b: Int32Array): Int32Array {
  const out = new Int32Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

function untrained(ids: Int32Array): TokenColumns {
  return bareTokens({ n: ids.length, ids, mask: new Uint8Array(ids.length), columns: new Map() }, false);
}

/** Tokens of a template before those of the turn: no numbers are known of them. */
function prepend(ids: Int32Array, tokens: TokenColumns): TokenColumns {
  const n = ids.length + tokens.n;
  const mask = new Uint8Array(n);
  mask.set(tokens.mask, ids.length);
  const columns = new Map(
    [...tokens.columns].map(([name, column]) => {
      const longer = new Float64Array(n).fill(NaN);
      longer.set(column, ids.length);
      return [name, longer];
    }),
  );
  const all = bareTokens({ n, ids: joined(ids, tokens.ids!), mask, columns }, true);
  return { ...all, extra: tokens.extra };
}

/** The step's one advantage at each token it trained on. */
function withAdvantage(tokens: TokenColumns, advantage: number): TokenColumns {
  const column = Float64Array.from(tokens.mask, (bit) => (bit === 1 ? advantage : NaN));
  return { ...tokens, columns: new Map([...tokens.columns, ["advantages", column]]) };
}
