import type { IssueCode } from "../../rollout/issue.ts";
import { knownTokenColumns, type TokenColumns } from "../../rollout/tokenColumns.ts";
import { Fields } from "../fields.ts";
import { numericColumn } from "../numericColumn.ts";

export interface TokenPlace {
  readonly content: string;
  readonly trainable: boolean;
  readonly where: string;
  report(code: IssueCode, message: string): void;
}

const known: ReadonlySet<string> = new Set(knownTokenColumns);

interface Spans {
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly source: TokenColumns["spanSource"];
}

/**
 * The tokens of a turn. Spans come from `offsets`, else from `text`; without either, tokens are empty spans at the
 * turn's start. A column of another length than the spans is dropped and reported: which token its numbers belong to
 * cannot be known.
 */
export function readTokens(record: Readonly<Record<string, unknown>>, place: TokenPlace): TokenColumns {
  const fields = new Fields(record, place.where, (code, message) => place.report(code, message));
  const spans = readSpans(fields, place);
  const n = spans.start.length;
  const ids = readIds(fields, n);
  const mask = readColumn(fields, "mask", n);
  const columns = new Map<string, Float64Array>();
  const extra = new Map<string, unknown>();
  for (const [name, value] of fields.rest()) {
    const column = Array.isArray(value) ? numericColumn(value) : null;
    if (column?.length === n) columns.set(name, column);
    else if (column !== null) wrongLength(fields, name, column.length, n);
    else {
      if (value !== null && known.has(name))
        fields.wrong(name, "is no list of numbers; it is kept, but not used");
      extra.set(name, value);
    }
  }
  return {
    n,
    start: spans.start,
    end: spans.end,
    ids,
    mask:
      mask === null
        ? new Uint8Array(n).fill(place.trainable ? 1 : 0)
        : Uint8Array.from(mask, (x) => (x > 0 ? 1 : 0)),
    maskLogged: mask !== null,
    columns,
    extra,
    spanSource: spans.source,
  };
}

function readSpans(fields: Fields, place: TokenPlace): Spans {
  const offsets = fields.list("offsets");
  if (offsets !== null) return fromOffsets(fields, offsets, place.content.length);
  const text = fields.list("text");
  if (text !== null) return fromText(fields, text, place.content);
  const n = longestColumn(fields);
  fields.wrong("offsets", 'is missing, and so is "text": tokens have no place in the content');
  return { start: new Int32Array(n), end: new Int32Array(n), source: "offsets" };
}

function fromOffsets(fields: Fields, offsets: readonly unknown[], length: number): Spans {
  const n = offsets.length;
  const start = new Int32Array(n);
  const end = new Int32Array(n);
  let wrong = 0;
  let previous = 0;
  for (let t = 0; t < n; t++) {
    const [from, to] = pair(offsets[t]);
    const fits =
      from >= previous && to >= from && to <= length && Number.isInteger(from) && Number.isInteger(to);
    if (!fits) wrong++;
    start[t] = fits ? from : previous;
    end[t] = fits ? to : previous;
    previous = start[t]!;
  }
  if (wrong > 0)
    fields.wrong(
      "offsets",
      `has ${wrong} pairs that are no ordered spans of the content; these tokens have no text`,
    );
  return { start, end, source: "offsets" };
}

function pair(value: unknown): readonly [number, number] {
  if (!Array.isArray(value) || value.length !== 2) return [NaN, NaN];
  const [from, to] = value as unknown[];
  return typeof from === "number" && typeof to === "number" ? [from, to] : [NaN, NaN];
}

function fromText(fields: Fields, pieces: readonly unknown[], content: string): Spans {
  const n = pieces.length;
  const start = new Int32Array(n);
  const end = new Int32Array(n);
  let at = 0;
  let lost = false;
  for (let t = 0; t < n; t++) {
    const piece = pieces[t];
    const fits = !lost && typeof piece === "string" && content.startsWith(piece, at);
    start[t] = at;
    if (fits) at += piece.length;
    else lost = true;
    end[t] = at;
  }
  if (lost)
    fields.wrong(
      "text",
      "does not concatenate to the content; tokens from the first difference on have no text",
    );
  else if (at !== content.length)
    fields.wrong("text", `ends at character ${at} of ${content.length} of the content`);
  return { start, end, source: "text" };
}

function longestColumn(fields: Fields): number {
  let n = 0;
  for (const value of fields.rest().values()) if (Array.isArray(value)) n = Math.max(n, value.length);
  return n;
}

function readColumn(fields: Fields, name: string, n: number): Float64Array | null {
  const values = fields.list(name);
  if (values === null) return null;
  if (values.length !== n) {
    wrongLength(fields, name, values.length, n);
    return null;
  }
  const column = numericColumn(values);
  if (column === null) fields.wrong(name, "holds something that is no number; the column is left out");
  return column;
}

function readIds(fields: Fields, n: number): Int32Array | null {
  const column = readColumn(fields, "ids", n);
  if (column === null) return null;
  const ids = Int32Array.from(column);
  if (ids.every((id, t) => id === column[t])) return ids;
  fields.wrong("ids", "holds something that is no token id; the column is left out");
  return null;
}

function wrongLength(fields: Fields, name: string, length: number, n: number): void {
  fields.wrong(name, `has ${length} entries for ${n} tokens and is left out`);
}
