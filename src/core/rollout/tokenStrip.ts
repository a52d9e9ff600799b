import { hasPlaces } from "./tokenPlaces.ts";
import type { TokenColumns } from "./tokenColumns.ts";

/** Tokens without a place in the text, shown as lines of their own. */
export interface TokenStrip {
  readonly lines: readonly string[];
  /** 4 numbers a token (start line, start column, end line, end column), lines from the strip's first. */
  readonly spans: Int32Array;
}

/** Characters of a line of ids: as many as the editor shows of a line of text. */
const lineLength = 110;

/**
 * A turn's tokens by their ids, or by their numbers where the log holds no ids; null where they have places in the text,
 * and where a turn without text has nothing but empty tokens to show.
 */
export function tokenStrip(tokens: TokenColumns, isTextless: boolean): TokenStrip | null {
  const { n, ids, columns } = tokens;
  if (n === 0 || hasPlaces(tokens) || (isTextless && ids === null && columns.size === 0)) return null;
  const what = ids === null ? "by their numbers: the log holds no ids" : "by their ids";
  const lines = [
    `⊞ ${n} ${n === 1 ? "token" : "tokens"} ${what}; where they stand in the text is not logged`,
  ];
  const spans = new Int32Array(4 * n);
  let line = "";
  for (let t = 0; t < n; t++) {
    const word = String(ids?.[t] ?? t + 1);
    if (line !== "" && line.length + 1 + word.length > lineLength) {
      lines.push(line);
      line = "";
    }
    const from = line === "" ? 0 : line.length + 1;
    line = line === "" ? word : `${line} ${word}`;
    spans.set([lines.length, from, lines.length, from + word.length], 4 * t);
  }
  lines.push(line);
  return { lines, spans };
}
