import { type ByteLine, longestLine } from "./byteLines.ts";
import type { ByteSource } from "./format.ts";

const chunkSize = 1 << 20;
const [quote, backslash, comma, newline] = [0x22, 0x5c, 0x2c, 0x0a];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/**
 * Elements of an array in a JSON text, by their bytes, without parsing the text: `path` names the array by the keys on
 * its way ([] = the text itself is the array). What a line is to JSON Lines, an element is here; `line` is the one it
 * begins in. An element that the end of the file cuts is the last, with `last` set. Holds one chunk and one element.
 */
export async function* jsonElements(
  source: ByteSource,
  path: readonly string[] = [],
  longest: number = longestLine,
): AsyncGenerator<ByteLine> {
  const walker = new Walker(path, longest);
  let at = 0;
  while (at < source.size) {
    const chunk = await source.read(at, Math.min(source.size, at + chunkSize));
    if (chunk.length === 0) break;
    yield* walker.walk(chunk, at);
    if (walker.isDone) return;
    at += chunk.length;
  }
  const rest = walker.rest(at);
  if (rest !== null) yield rest;
}

/** Follows strings, keys and brackets byte by byte. */
class Walker {
  readonly #path: readonly string[];
  readonly #longest: number;
  #depth = 0;
  /** Containers from the outermost that are on the path. */
  #onPath = 0;
  #inString = false;
  #escaped = false;
  #isKey = false;
  #key: number[] = [];
  /** The key before this value is the next one of the path. */
  #keyFits = false;
  #line = 1;
  #element: { from: number; line: number } | null = null;
  /** Byte behind the last one of the element that is no white space. */
  #end = 0;
  #pieces: Uint8Array[] = [];
  #length = 0;
  isDone = false;

  constructor(path: readonly string[], longest: number) {
    this.#path = path;
    this.#longest = longest;
  }

  *walk(chunk: Uint8Array, at: number): Generator<ByteLine> {
    const target = this.#path.length + 1;
    let from = 0;
    for (let i = 0; i < chunk.length; i++) {
      const c = chunk[i]!;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (c === backslash) this.#escaped = true;
        else if (c === quote) this.#endString();
        else if (c === newline) this.#line++;
        else if (this.#isKey && this.#key.length < 128) this.#key.push(c);
        if (!this.#inString) this.#end = at + i + 1;
        continue;
      }
      if (c === newline) this.#line++;
      if (c === newline || c === 0x20 || c === 0x0d || c === 0x09) continue;
      const inTarget = this.#depth === target && this.#onPath === target;
      if (inTarget && (c === comma || c === closeBracket)) {
        if (this.#element !== null) {
          this.#push(chunk.subarray(from, i));
          yield this.#take();
        }
        if (c === closeBracket) {
          this.isDone = true;
          return;
        }
        continue;
      }
      if (inTarget && this.#element === null) {
        this.#element = { from: at + i, line: this.#line };
        from = i;
      }
      this.#structure(c);
      this.#end = at + i + 1;
    }
    if (this.#element !== null) this.#push(chunk.subarray(from));
  }

  /** The element that the end of the file cuts. */
  rest(end: number): ByteLine | null {
    return this.#element === null ? null : { ...this.#take(), to: end, last: true };
  }

  #structure(c: number): void {
    if (c === quote) {
      this.#inString = true;
      // Keys matter only while the array is looked for, in the container it may be in.
      this.#isKey = this.#keyPlace;
      this.#key = [];
    } else if (c === openBrace || c === openBracket) {
      const follows = this.#depth === 0 ? this.#onPath === 0 : this.#keyFits && this.#depth === this.#onPath;
      this.#depth++;
      if (follows && this.#onPath < this.#path.length + (c === openBracket ? 1 : 0)) this.#onPath++;
      this.#keyFits = false;
      this.#keyPlace = c === openBrace;
    } else if (c === closeBrace || c === closeBracket) {
      if (this.#onPath === this.#depth) this.#onPath--;
      this.#depth--;
      this.#keyPlace = false;
    } else if (c === comma) {
      this.#keyFits = false;
      this.#keyPlace = this.#depth === this.#onPath && this.#depth <= this.#path.length;
    } else if (c === 0x3a) this.#keyPlace = false;
  }

  /** The next string is a key. */
  #keyPlace = false;

  #endString(): void {
    this.#inString = false;
    if (!this.#isKey) return;
    this.#isKey = false;
    this.#keyFits =
      this.#depth === this.#onPath &&
      this.#onPath <= this.#path.length &&
      new TextDecoder().decode(new Uint8Array(this.#key)) === this.#path[this.#onPath - 1];
  }

  #push(piece: Uint8Array): void {
    this.#length += piece.length;
    if (this.#length > this.#longest) this.#pieces = [];
    else this.#pieces.push(piece.slice());
  }

  #take(): ByteLine {
    const { from, line } = this.#element!;
    const tooLong = this.#length > this.#longest;
    const bytes = new Uint8Array(tooLong ? 0 : Math.min(this.#length, this.#end - from));
    let at = 0;
    for (const piece of this.#pieces) {
      if (at >= bytes.length) break;
      const part = piece.subarray(0, bytes.length - at);
      bytes.set(part, at);
      at += part.length;
    }
    this.#element = null;
    this.#pieces = [];
    this.#length = 0;
    return { from, to: this.#end, line, bytes, last: false, tooLong };
  }
}
