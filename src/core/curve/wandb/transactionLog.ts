import { crc32 } from "../../container/crc32.ts";
import type { ByteSource } from "../../format/format.ts";
import type { IssueCode } from "../../rollout/issue.ts";

/** One record, and the byte of the file where it begins. */
export interface LogRecord {
  readonly from: number;
  readonly payload: Uint8Array;
}

type ReportAt = (code: IssueCode, byte: number, message: string) => void;

/** ":W&B", 0xBEE1 with the low byte first, version 0. */
const fileHeader = [0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0] as const;

/** Blocks are counted from the file's beginning, so that the first holds seven bytes less than the others. */
const blockSize = 32768;
/** Checksum (4 bytes), length (2) and kind (1) of a chunk, with the lowest byte first. */
const chunkHeaderSize = 7;
/** A record in one chunk; its first and last chunk where it has several, and kind 3 between them. */
const [full, first, last] = [1, 2, 4];

/** A larger record is left out: console output and tables may be, history never is. */
const mostBytes = 2 ** 28;
/** Blocks that are read at once. */
const blocksAtOnce = 32;

/** True when the bytes begin as a W&B transaction log, of whatever version. */
export function beginsAsTransactionLog(bytes: Uint8Array): boolean {
  return fileHeader.slice(0, 6).every((byte, i) => bytes[i] === byte);
}

/**
 * Records of a W&B transaction log (wandb/sdk/internal/datastore.py): LevelDB's log format behind a header, with plain
 * CRC-32 over kind and data. Behind damage the next block is looked at; a last record that is not whole means that the
 * file may still be written.
 */
export async function* logRecords(source: ByteSource, report: ReportAt): AsyncGenerator<LogRecord> {
  const record = new OpenRecord(report);
  let from = fileHeader.length;
  while (from < source.size) {
    const until = (Math.floor(from / blockSize) + blocksAtOnce) * blockSize;
    const bytes = await source.read(from, Math.min(source.size, until));
    if (bytes.length === 0) break;
    yield* recordsOf(bytes, from, record, report);
    from += bytes.length;
  }
  record.end();
}

/** Records that end in these bytes, which begin at a chunk and go to the end of a block or of the file. */
function* recordsOf(
  bytes: Uint8Array,
  base: number,
  record: OpenRecord,
  report: ReportAt,
): Generator<LogRecord> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at < bytes.length) {
    const left = blockSize - ((base + at) % blockSize);
    const room = Math.min(left, bytes.length - at);
    if (left < chunkHeaderSize) {
      at += left;
      continue;
    }
    const size = chunkHeaderSize + (room < chunkHeaderSize ? 0 : view.getUint16(at + 4, true));
    // The file ends in this chunk, which a whole block would have room for.
    if (size > room && size <= left) return record.tear(base + at);
    const what = size > left ? "is longer than its block" : damageOf(bytes, at, size);
    if (what === null) {
      const whole = record.take(bytes[at + 6]!, bytes.subarray(at + chunkHeaderSize, at + size), base + at);
      if (whole !== null) yield whole;
      at += size;
    } else {
      report("damaged", base + at, `The chunk at this byte ${what}; what follows in its block is left out.`);
      record.drop();
      at += left;
    }
  }
}

/** What is wrong with a chunk; null where nothing is. */
function damageOf(bytes: Uint8Array, at: number, size: number): string | null {
  const kind = bytes[at + 6]!;
  if (kind < full || kind > last) return "is of no known kind";
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 4);
  return crc32(bytes.subarray(at + 6, at + size)) === view.getUint32(0, true) ? null : "fails its checksum";
}

/** The chunks of a record that goes over several. */
class OpenRecord {
  readonly #report: ReportAt;
  #from = -1;
  #pieces: Uint8Array[] = [];
  #length = 0;

  constructor(report: ReportAt) {
    this.#report = report;
  }

  /** The record that this chunk ends; null where it ends none. */
  take(kind: number, data: Uint8Array, from: number): LogRecord | null {
    if (kind === full || kind === first) {
      if (this.#from >= 0) this.#report("damaged", this.#from, "This record has no end; it is left out.");
      this.drop();
      if (kind === full) return { from, payload: data };
      this.#from = from;
    }
    // The rest of a record whose beginning is damaged.
    if (this.#from < 0) return null;
    this.#length += data.length;
    if (this.#length <= mostBytes) this.#pieces.push(data);
    else this.#pieces = [];
    return kind === last ? this.#whole() : null;
  }

  /** The file ends in a chunk of this record, or of a new one. */
  tear(at: number): void {
    if (this.#from < 0) this.#from = at;
  }

  /** The file is over. */
  end(): void {
    if (this.#from < 0) return;
    const message =
      "The last record is not complete (the file may still be written); it is left out until its rest is there.";
    this.#report("torn-line", this.#from, message);
  }

  drop(): void {
    this.#from = -1;
    this.#pieces = [];
    this.#length = 0;
  }

  #whole(): LogRecord | null {
    const [from, length, pieces] = [this.#from, this.#length, this.#pieces];
    this.drop();
    if (length > mostBytes) {
      const message = `This record has ${length} bytes, more than any curve needs; it is left out.`;
      this.#report("oversized", from, message);
      return null;
    }
    const payload = new Uint8Array(length);
    let at = 0;
    for (const piece of pieces) {
      payload.set(piece, at);
      at += piece.length;
    }
    return { from, payload };
  }
}
