/** Spans in UTF-16 units of pieces that are given by their lengths in bytes. */
export interface Spans {
  readonly start: number[];
  readonly end: number[];
}

/**
 * Where consecutive pieces of `lengths` UTF-8 bytes lie in a text. A piece that begins or ends inside a character
 * spans the whole character; one of no bytes spans nothing.
 * A lone surrogate counts three bytes, as the replacement character that an encoder makes of it.
 * @returns null where the pieces do not add up to the text
 */
export function byteSpans(text: string, lengths: readonly number[]): Spans | null {
  const start: number[] = [];
  const end: number[] = [];
  let at = 0;
  let atBytes = 0;
  let pieceFrom = 0;
  for (const length of lengths) {
    const pieceTo = pieceFrom + length;
    while (at < text.length && atBytes + bytesAt(text, at) <= pieceFrom) {
      atBytes += bytesAt(text, at);
      at += unitsAt(text, at);
    }
    start.push(at);
    let to = at;
    let toBytes = atBytes;
    while (length > 0 && to < text.length && toBytes < pieceTo) {
      toBytes += bytesAt(text, to);
      to += unitsAt(text, to);
    }
    if (toBytes < pieceTo && length > 0) return null;
    end.push(to);
    pieceFrom = pieceTo;
  }
  while (at < text.length) {
    atBytes += bytesAt(text, at);
    at += unitsAt(text, at);
  }
  return atBytes === pieceFrom ? { start, end } : null;
}

function unitsAt(text: string, at: number): number {
  return text.codePointAt(at)! > 0xffff ? 2 : 1;
}

function bytesAt(text: string, at: number): number {
  const point = text.codePointAt(at)!;
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}
