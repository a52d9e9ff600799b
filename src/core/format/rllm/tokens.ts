import { bareTokens } from "../../rollout/bareTokens.ts";
import type { TokenColumns } from "../../rollout/tokenColumns.ts";
import type { Fields } from "../fields.ts";
import { numericColumn } from "../numericColumn.ts";
import { readTokenIds } from "../tokenIds.ts";

export interface StepTokens {
  readonly tokens: TokenColumns | null;
  /** The step has one advantage, which the trainer gives to each of its tokens. */
  readonly isBroadcast: boolean;
}

/** The tokens that a step has sampled (evaluation store): `response_ids`, `logprobs`, `advantage`. */
export function readStepTokens(step: Fields): StepTokens {
  const ids = readTokenIds(step, "response_ids");
  const n = ids?.length ?? 0;
  if (n === 0) return { tokens: null, isBroadcast: false };
  const columns = new Map<string, Float64Array>();
  const logprobs = fittedColumn(step, "logprobs", n);
  if (logprobs !== null) columns.set("logprobs", logprobs);
  const advantage = step.raw("advantage");
  const isBroadcast = typeof advantage === "number";
  const advantages = isBroadcast ? new Float64Array(n).fill(advantage) : fittedColumn(step, "advantage", n);
  if (advantages !== null) columns.set("advantages", advantages);
  return { tokens: bareTokens({ n, ids, mask: null, columns }, true), isBroadcast };
}

/** A column of n tokens, cut where it is longer and missing where it is shorter; null where there is none. */
function fittedColumn(step: Fields, name: string, n: number): Float64Array | null {
  const values = step.list(name);
  if (values === null || values.length === 0) return null;
  const column = numericColumn(values);
  if (column === null) step.wrong(name, "holds something that is no number; the column is left out");
  if (column === null) return null;
  if (column.length === n) return column;
  step.wrong(name, `has ${column.length} entries for ${n} tokens`);
  const fitted = new Float64Array(n).fill(NaN);
  fitted.set(column.subarray(0, n));
  return fitted;
}

export interface FreshPrompt {
  /** Tokens that this step's prompt has beyond the tokens before. */
  readonly tokens: TokenColumns | null;
  /** The whole prompt where it does not go on from the tokens before. */
  readonly kept: unknown;
}

/** `prompt_ids` repeats all tokens before it; what comes behind them is new. */
export class PromptIds {
  #before: readonly number[] = [];

  extend(step: Fields, response: Int32Array | null): FreshPrompt {
    const prompt = readTokenIds(step, "prompt_ids");
    if (prompt === null || prompt.length === 0) return { tokens: null, kept: null };
    const before = this.#before;
    this.#before = [...prompt, ...(response ?? [])];
    if (!before.every((id, t) => prompt[t] === id)) return { tokens: null, kept: step.raw("prompt_ids") };
    const ids = prompt.subarray(before.length);
    const tokens = bareTokens({ n: ids.length, ids, mask: null, columns: new Map() }, false);
    return { tokens: ids.length === 0 ? null : tokens, kept: null };
  }
}
