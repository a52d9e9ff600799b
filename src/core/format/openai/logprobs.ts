import { bareTokens } from "../../rollout/bareTokens.ts";
import type { TokenColumns } from "../../rollout/tokenColumns.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { readTokenIds } from "../tokenIds.ts";
import { byteSpans } from "./byteSpans.ts";

/** What OpenAI's API gives for a token that is not among the likeliest: no measured value. */
const unlikely = -9999;

/** What is known of a response's tokens. */
export interface ResponseTokens {
  readonly tokens: TokenColumns | null;
  /** Some logprobs were not measured (−9999) and are read as missing. */
  readonly hasUnlikely: boolean;
}

/** Tokens of one response, as `logprobs.content` and the servers' `token_ids` have them. */
export interface LoggedTokens {
  /** `{token, logprob, bytes, top_logprobs}` each; null where there are none. */
  readonly entries: readonly unknown[] | null;
  readonly ids: Int32Array | null;
}

/** `token_ids` beside the choice is what vLLM and SGLang add. */
export function loggedTokens(choice: Fields, report: RecordPlace["report"], where: string): LoggedTokens {
  const logprobs = choice.object("logprobs");
  const entries =
    logprobs === null ? null : new Fields(logprobs, `${where}.logprobs`, report).list("content");
  return { entries, ids: readTokenIds(choice, "token_ids") };
}

/**
 * Token columns of a response. `bytes` give the exact place of each token in `content`, as a token may be a part of a
 * character; where they are null the token's text does. Where they are not the content's, nothing is guessed.
 * @param shift characters of the turn that stand before `content` (its reasoning)
 */
export function responseTokens(
  { entries, ids }: LoggedTokens,
  { content, shift, fields }: { readonly content: string; readonly shift: number; readonly fields: Fields },
): ResponseTokens {
  if (entries === null || entries.length === 0) {
    const n = ids?.length ?? 0;
    const none = new Map<string, Float64Array>();
    const tokens = n === 0 ? null : bareTokens({ n, ids, mask: null, columns: none }, true);
    return { tokens, hasUnlikely: false };
  }
  const n = entries.length;
  const parts = entries.map((entry) => (isRecord(entry) ? entry : {}));
  if (!entries.every(isRecord))
    fields.wrong("logprobs", "holds something that is no token; it is read as empty");
  const logprobs = Float64Array.from(parts, ({ logprob }) => (typeof logprob === "number" ? logprob : NaN));
  const hasUnlikely = logprobs.includes(unlikely);
  const columns = new Map([["logprobs", logprobs.map((x) => (x === unlikely ? NaN : x))]]);
  const bare = bareTokens({ n, ids: idsOf(ids, parts, fields), mask: null, columns }, true);
  const spans = byteSpans(content, parts.map(bytesOf));
  const extra = new Map<string, unknown>();
  if (spans === null) {
    if (content !== "")
      fields.wrong("logprobs", "has tokens that are not the content; their place in it is not known");
    extra.set("token", parts.map(textOf));
  }
  const tops = parts.map((part) =>
    Array.isArray(part["top_logprobs"]) ? (part["top_logprobs"] as unknown[]) : [],
  );
  if (tops.some((top) => top.length > 0)) extra.set("top_logprobs", tops);
  const placed =
    spans === null ? {} : { start: spans.start.map((x) => x + shift), end: spans.end.map((x) => x + shift) };
  return { tokens: { ...bare, ...placed, extra }, hasUnlikely };
}

const encoder = new TextEncoder();

function bytesOf(part: Readonly<Record<string, unknown>>): Uint8Array {
  const { bytes } = part;
  const isBytes =
    Array.isArray(bytes) && bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256);
  return isBytes ? Uint8Array.from(bytes as number[]) : encoder.encode(textOf(part));
}

function textOf(part: Readonly<Record<string, unknown>>): string {
  return typeof part["token"] === "string" ? part["token"] : "";
}

/** The ids beside the choice, else those that vLLM writes in place of the tokens' texts ("token_id:15043"). */
function idsOf(
  ids: Int32Array | null,
  parts: readonly Readonly<Record<string, unknown>>[],
  fields: Fields,
): Int32Array | null {
  if (ids !== null && ids.length === parts.length) return ids;
  if (ids !== null)
    fields.wrong("token_ids", `has ${ids.length} entries for ${parts.length} logprobs and is left out`);
  const written = parts.map((part) => /^token_id:(\d{1,9})$/.exec(textOf(part))?.[1]);
  return written.every((id) => id !== undefined) ? Int32Array.from(written, Number) : null;
}
