/** A JSON text that ends too early, as far as it goes. */
export interface PartialJson {
  readonly value: unknown;
  /** UTF-16 units of the text that are in `value`; what follows was cut off. */
  readonly length: number;
}

/** Deeper than any log. */
const deepest = 500;

/**
 * The value of a JSON text that was cut anywhere, with all that is complete in it: its open arrays and objects are
 * closed behind the last whole value. Null where the text is no beginning of JSON. Bare NaN and infinities are not
 * forgiven here; replace them first.
 */
export function parsePartialJson(text: string): PartialJson | null {
  const closers: string[] = [];
  let cut = 0;
  let isKey = false;
  let at = 0;
  while (at < text.length) {
    const c = text.charCodeAt(at);
    if (c === quote) {
      const end = endOfString(text, at + 1);
      if (end < 0) break;
      at = end;
      if (!isKey) cut = at;
      continue;
    }
    at++;
    if (c === openBrace || c === openBracket) {
      closers.push(c === openBrace ? "}" : "]");
      if (closers.length > deepest) return null;
      isKey = c === openBrace;
      cut = at;
    } else if (c === closeBrace || c === closeBracket) {
      if (closers.pop() === undefined) return null;
      isKey = false;
      cut = at;
      if (closers.length === 0) break;
    } else if (c === comma) isKey = closers.at(-1) === "}";
    else if (c === colon) isKey = false;
    else if (!isSpace(c)) {
      while (at < text.length && !endsLiteral(text.charCodeAt(at))) at++;
      // A number at the very end may have more digits.
      if (at < text.length) cut = at;
    }
  }
  if (cut === 0) return null;
  try {
    const whole = text.slice(0, cut) + closers.toReversed().join("");
    return { value: JSON.parse(whole), length: cut };
  } catch {
    return null;
  }
}

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Behind the closing quote; −1 where the text ends first. */
function endOfString(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === backslash) at++;
    else if (c === quote) return at + 1;
  }
  return -1;
}

function isSpace(c: number): boolean {
  return c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09;
}

function endsLiteral(c: number): boolean {
  return isSpace(c) || c === comma || c === closeBrace || c === closeBracket || c === quote || c === colon;
}
