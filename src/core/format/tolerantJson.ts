/** What one line holds: its value, and whether bare NaN or infinities had to be replaced. */
export type ParsedJson =
  | { readonly ok: true; readonly value: unknown; readonly nonFinite: number }
  | { readonly ok: false; readonly message: string };

/** Deeper than any log; recursion over a value that is no deeper cannot run out of stack. */
const deepest = 500;

/**
 * JSON as Python writes it: bare `NaN`, `Infinity` and `-Infinity` are accepted outside strings. NaN becomes
 * null (missing), the infinities stay infinite. Nothing else is forgiven, and nothing nested deeper than 500
 * levels is taken. Linear in the length of the text.
 * @param nan JSON that stands for a bare NaN: `"NaN"` in quotes where it must be told from null
 */
export function parseTolerantJson(text: string, nan = "null"): ParsedJson {
  if (text.length > longText && isDeep(text)) return { ok: false, message: "nested too deeply" };
  const parsed = parseUnchecked(text, nan);
  return parsed.ok && !isShallow(parsed.value) ? { ok: false, message: "nested too deeply" } : parsed;
}

/** The same at any depth of nesting: for who looks at the value's first levels alone, or checks the rest by `isShallow`. */
export function parseUnchecked(text: string, nan = "null"): ParsedJson {
  try {
    return { ok: true, value: JSON.parse(text), nonFinite: 0 };
  } catch (error) {
    const { text: patched, count } = replaceBareWords(text, nan);
    if (count === 0) return { ok: false, message: reason(error) };
    try {
      return { ok: true, value: JSON.parse(patched), nonFinite: count };
    } catch (second) {
      return { ok: false, message: reason(second) };
    }
  }
}

/** Characters from which on a text is looked through for its depth first: a deep one takes a hundred times its size. */
export const longText = 1 << 18;

/** True where brackets outside of strings open deeper than any log. */
function isDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === 0x22) at = endOfString(text, at + 1) - 1;
    else if (c === 0x5b || c === 0x7b) {
      if (++depth > deepest) return true;
    } else if (c === 0x5d || c === 0x7d) depth--;
  }
  return false;
}

/** Not nested deeper than those who recurse over a value can go. */
export function isShallow(value: unknown, levels: number = deepest): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (levels === 0) return false;
  if (!Array.isArray(value)) {
    for (const key of Object.keys(value)) {
      const entry = (value as Readonly<Record<string, unknown>>)[key];
      if (typeof entry === "object" && !isShallow(entry, levels - 1)) return false;
    }
    return true;
  }
  for (let i = 0; i < value.length; i++) {
    const entry: unknown = value[i];
    if (typeof entry === "object" && !isPair(entry) && !isShallow(entry, levels - 1)) return false;
  }
  return true;
}

/** `[start, end]` of a token: there are millions of them, and a call for each would be felt. */
function isPair(value: unknown): boolean {
  return (
    Array.isArray(value) && value.length === 2 && typeof value[0] === "number" && typeof value[1] === "number"
  );
}

/** Where a string begins, or one of the words. Digits beside a word would make it another number. */
const quoteOrWord = /"|(?<![\w.+-])-?(?:NaN|Infinity)(?![\w.])/g;

function replaceBareWords(text: string, nan: string): { text: string; count: number } {
  if (!/NaN|Infinity/.test(text)) return { text, count: 0 };
  // No finite float64 is as large as those, so JSON.parse itself makes them infinite.
  return replaceOutsideStrings(text, quoteOrWord, (word) =>
    word.endsWith("NaN") ? nan : word.startsWith("-") ? "-1e999" : "1e999",
  );
}

/** Where a string begins, or an integer that may be beyond 2^53. */
const quoteOrLongInteger = /"|(?<![\w.+-])-?\d{16,}(?![\w.])/g;

/** JSON with its integers beyond 2^53 as text, so that ids keep their digits. */
export function quoteLongIntegers(text: string): string {
  return replaceOutsideStrings(text, quoteOrLongInteger, (digits) =>
    Number.isSafeInteger(Number(digits)) ? digits : `"${digits}"`,
  ).text;
}

/** @param pattern global; finds `"`, where a string begins, and the words to be replaced */
function replaceOutsideStrings(
  text: string,
  pattern: RegExp,
  by: (word: string) => string,
): { text: string; count: number } {
  const pieces: string[] = [];
  let kept = 0;
  let count = 0;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [word] = match;
    if (word === '"') {
      pattern.lastIndex = endOfString(text, match.index + 1);
      continue;
    }
    pieces.push(text.slice(kept, match.index), by(word));
    kept = match.index + word.length;
    count++;
  }
  return { text: pieces.join("") + text.slice(kept), count };
}

/** Behind the quote that closes a string; the text's end where none does. Each backslash is looked at once. */
function endOfString(text: string, from: number): number {
  for (let quote = text.indexOf('"', from); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let slashes = quote;
    while (slashes > from && text.charCodeAt(slashes - 1) === 0x5c) slashes--;
    if ((quote - slashes) % 2 === 0) return quote + 1;
  }
  return text.length;
}

/** The parser's words without the piece of the text it quotes, which may be long and is the log's. */
function reason(error: unknown): string {
  if (error instanceof RangeError) return "nested too deeply";
  const message = error instanceof Error ? error.message : String(error);
  const position = /position (\d+)/.exec(message)?.[1];
  if (/end of (JSON )?input|Unterminated/i.test(message)) return "ends too early";
  return position === undefined ? "not JSON" : `not JSON at character ${Number(position) + 1}`;
}
