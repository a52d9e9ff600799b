/** Half-open spans in UTF-16 code units, one a piece. */
export interface ByteSpans {
  readonly start: Int32Array;
  readonly end: Int32Array;
}

/**
 * Where pieces of UTF-8 lie in the text that they are the bytes of. A character whose bytes stand in several pieces
 * belongs to all of them. Pieces behind the text's end (a stop token) are empty spans there. Null where the pieces are
 * not the text.
 */
export function byteSpans(content: string, pieces: readonly Uint8Array[]): ByteSpans | null {
  const bytes = new TextEncoder().encode(content);
  const units = unitsOf(content, bytes.length);
  const start = new Int32Array(pieces.length);
  const end = new Int32Array(pieces.length);
  let at = 0;
  for (const [t, piece] of pieces.entries()) {
    const isBehind = at === bytes.length;
    start[t] = units[at]!;
    if (!isBehind) {
      for (const byte of piece) if (bytes[at++] !== byte) return null;
    }
    end[t] = piece.length === 0 || isBehind ? start[t]! : endOfCharacter(units, at);
  }
  return at === bytes.length ? { start, end } : null;
}

/** For each byte the unit at which its character begins; one more at the end. */
function unitsOf(content: string, nBytes: number): Int32Array {
  const units = new Int32Array(nBytes + 1);
  let at = 0;
  let unit = 0;
  for (const character of content) {
    const point = character.codePointAt(0)!;
    const width = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    units.fill(unit, at, at + width);
    at += width;
    unit += character.length;
  }
  units[nBytes] = unit;
  return units;
}

/** Behind the character that holds the byte before `at`. */
function endOfCharacter(units: Int32Array, at: number): number {
  let next = at;
  while (next < units.length - 1 && units[next] === units[at - 1]) next++;
  return units[next]!;
}
