import type { AsciiText, ByteSource, RecordLocator } from "./format.ts";

/** One line with its end of line; `from` and `to` are byte offsets in the file. */
export interface ByteLine extends RecordLocator {
  readonly bytes: Uint8Array;
  /** It ends where the file ends. */
  readonly last: boolean;
  /** Longer than a JavaScript string can be: `bytes` is empty. */
  readonly tooLong: boolean;
  /** Its text, where that is to be had without decoding its bytes. */
  readonly text?: string | undefined;
}

interface Chunk {
  readonly bytes: Uint8Array;
  /** Its place in the file, and the file's size. */
  readonly at: number;
  readonly size: number;
  readonly ascii: AsciiText | undefined;
}

/** A line that lies in one chunk whole: its bytes and its text are made when they are asked for. */
class ChunkLine implements ByteLine {
  readonly from: number;
  readonly to: number;
  readonly line: number;
  readonly last: boolean;
  readonly tooLong = false;
  readonly #chunk: Chunk;
  readonly #start: number;

  /** @param start where it begins in the chunk, whose own place in the file is `at` */
  constructor(chunk: Chunk, start: number, length: number, line: number) {
    this.#chunk = chunk;
    this.#start = start;
    this.from = chunk.at + start;
    this.to = this.from + length;
    this.line = line;
    this.last = this.to === chunk.size;
  }

  get bytes(): Uint8Array {
    return this.#chunk.bytes.subarray(this.#start, this.#start + this.to - this.from);
  }

  get text(): string | undefined {
    return this.#chunk.ascii?.(this.#start, this.#start + this.to - this.from);
  }
}

/** V8 holds at most 2^29 − 24 UTF-16 units in a string, and no UTF-8 text has fewer bytes than that. */
export const longestLine = 2 ** 29 - 24;

const chunkSize = 1 << 21;
const newline = 0x0a;

/** Lines of a file, one by one; see `lineBatches`. */
export async function* byteLines(
  source: ByteSource,
  start?: RecordLocator,
  longest?: number,
): AsyncGenerator<ByteLine> {
  for await (const batch of lineBatches(source, start, longest === undefined ? {} : { longest }))
    yield* batch;
}

/** How lines are handed out. */
export interface LineOptions {
  /** More bytes than a line may have. */
  readonly longest?: number;
  /** The bytes of a line are only looked at until the next batch is asked for: their memory is used again. */
  readonly passing?: boolean;
}

/**
 * Lines of a file in batches, split at \n only (U+2028 may stand inside a JSON string), a BOM left out. A batch is what
 * ends in one chunk of the file; while it is worked on, the next is read. Holds two chunks and the line it is in.
 */
export async function* lineBatches(
  source: ByteSource,
  start: RecordLocator = { from: 0, to: 0, line: 1 },
  { longest = longestLine, passing = false }: LineOptions = {},
): AsyncGenerator<readonly ByteLine[]> {
  const line = new PendingLine(longest);
  const chunks = passing && source.readInto !== undefined ? new ChunkPair(source) : null;
  const readChunk = (from: number): Promise<Uint8Array> => chunks?.read(from) ?? freshChunk(source, from);
  let lineFrom = start.from;
  let number = start.line;
  let at = start.from;
  let next = readChunk(at);
  while (at < source.size) {
    const chunk = await next;
    if (chunk.length === 0) break;
    next = readChunk(at + chunk.length);
    // It is awaited in the next round, which does not come when whoever reads stops here.
    next.catch(() => {});
    const batch: ByteLine[] = [];
    const ascii = passing ? source.ascii?.(chunk) : undefined;
    const whole: Chunk = { bytes: chunk, at, size: source.size, ascii };
    let from = 0;
    for (;;) {
      const found = chunk.indexOf(newline, from);
      if (found < 0) break;
      const to = at + found + 1;
      const last = to === source.size;
      if (line.length === 0 && lineFrom > 0 && to - lineFrom <= longest) {
        batch.push(new ChunkLine(whole, from, to - lineFrom, number++));
      } else {
        line.push(chunk.subarray(from, found + 1));
        const { bytes, tooLong } = line.take(lineFrom);
        batch.push({ bytes, tooLong, from: lineFrom, to, line: number++, last });
      }
      lineFrom = to;
      from = found + 1;
    }
    // A view of memory that is used again would not stay what it is.
    line.push(chunks === null ? chunk.subarray(from) : new Uint8Array(chunk.subarray(from)));
    at += chunk.length;
    if (batch.length > 0) yield batch;
  }
  if (line.length > 0) yield [{ ...line.take(lineFrom), from: lineFrom, to: at, line: number, last: true }];
}

async function freshChunk(source: ByteSource, at: number): Promise<Uint8Array> {
  return at < source.size ? source.read(at, Math.min(source.size, at + chunkSize)) : new Uint8Array(0);
}

/** Two chunks in turn: one is worked on while the other is filled. */
class ChunkPair {
  readonly #source: ByteSource;
  #now: Uint8Array | null = null;
  #then: Uint8Array | null = null;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  async read(at: number): Promise<Uint8Array> {
    const left = this.#source.size - at;
    if (left <= 0) return new Uint8Array(0);
    const into = this.#then ?? (await this.#source.read(at, Math.min(this.#source.size, at + chunkSize)));
    const isFresh = this.#then === null;
    this.#then = this.#now;
    this.#now = into;
    if (isFresh) return into;
    return into.subarray(0, await this.#source.readInto!(into.subarray(0, Math.min(left, into.length)), at));
  }
}

/** The pieces of a line that spans chunks; counts on, but keeps nothing, once it is too long. */
class PendingLine {
  readonly #longest: number;
  #pieces: Uint8Array[] = [];
  length = 0;

  constructor(longest: number) {
    this.#longest = longest;
  }

  push(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.length += piece.length;
    if (this.length > this.#longest) this.#pieces = [];
    else this.#pieces.push(piece);
  }

  take(from: number): { bytes: Uint8Array; tooLong: boolean } {
    const tooLong = this.length > this.#longest;
    const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : concatenate(this.#pieces);
    this.#pieces = [];
    this.length = 0;
    return { bytes: from === 0 ? withoutBom(bytes) : bytes, tooLong };
  }
}

function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

function withoutBom(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}
