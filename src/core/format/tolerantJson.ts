/** What one line holds: its value, and whether bare NaN or infinities had to be replaced. */
export type ParsedJson =
  | { readonly ok: true; readonly value: unknown; readonly nonFinite: number }
  | { readonly ok: false; readonly message: string };

/**
 * JSON as Python writes it: bare `NaN`, `Infinity` and `-Infinity` are accepted outside strings. NaN becomes
 * null (missing), the infinities stay infinite. Nothing else is forgiven. Linear in the length of the text.
 */
export function parseTolerantJson(text: string): ParsedJson {
  try {
    return { ok: true, value: JSON.parse(text) as unknown, nonFinite: 0 };
  } catch (error) {
    const { text: patched, count } = replaceBareWords(text);
    if (count === 0) return { ok: false, message: reason(error) };
    try {
      return { ok: true, value: JSON.parse(patched) as unknown, nonFinite: count };
    } catch (second) {
      return { ok: false, message: reason(second) };
    }
  }
}

/** A string (skipped) or one of the words. An unclosed string matches to the end, so that it is passed once. */
const stringOrWord = /"(?:[^"\\]|\\.)*(?:"|$)|-?\b(?:NaN|Infinity)\b/gs;

function replaceBareWords(text: string): { text: string; count: number } {
  if (!/NaN|Infinity/.test(text)) return { text, count: 0 };
  let count = 0;
  const patched = text.replace(stringOrWord, (match) => {
    if (match.startsWith('"')) return match;
    count++;
    // No finite float64 is that large, so JSON.parse itself makes it infinite.
    return match.endsWith("NaN") ? "null" : match.startsWith("-") ? "-1e999" : "1e999";
  });
  return { text: patched, count };
}

/** The parser's words without the piece of the text it quotes, which may be long and is the log's. */
function reason(error: unknown): string {
  if (error instanceof RangeError) return "nested too deeply";
  const message = error instanceof Error ? error.message : String(error);
  const position = /position (\d+)/.exec(message)?.[1];
  if (/end of (JSON )?input|Unterminated/i.test(message)) return "ends too early";
  return position === undefined ? "not JSON" : `not JSON at character ${Number(position) + 1}`;
}
