import type { ByteSource } from "../../format/format.ts";
import type { IssueCode } from "../../rollout/issue.ts";
import { crc32c } from "../../stats/crc32c.ts";

/** Payload of one record, and the byte of the file where the record begins. */
export interface TfRecord {
  readonly from: number;
  readonly payload: Uint8Array;
}

type ReportAt = (code: IssueCode, byte: number, message: string) => void;

/** Length (8 bytes) and its checksum (4) before the payload; the payload's checksum (4) behind it. */
const headerSize = 12;
const frameSize = headerSize + 4;

/** Protobuf messages hold less than 2 GiB: a length above that was never written. */
const mostLength = 2 ** 31;
/** A larger record is left out, as reading it would take its size in memory: graphs and images, never curves. */
const mostBytes = 2 ** 28;
const chunkSize = 1 << 20;

/**
 * Records of a TFRecord file (tensorflow/core/lib/io/record_writer.cc): uint64 length, masked CRC-32C of the length,
 * payload, masked CRC-32C of the payload. A record with a bad checksum is left out; behind a bad length nothing can be
 * found any more. A last record that is not whole means that the file may still be written.
 */
export async function* tfRecords(source: ByteSource, report: ReportAt): AsyncGenerator<TfRecord> {
  const bytes = new ByteWindow(source);
  let from = 0;
  while (from < source.size) {
    const header = bytes.has(from, headerSize) ?? (await bytes.read(from, headerSize));
    if (header.length < headerSize) return torn(report, from);
    const length = lengthOf(header);
    if (length === null || length >= mostLength) {
      const what = length === null ? "fails its checksum" : `is ${length}, more than any record has`;
      return report("damaged", from, `The length of this record ${what}; nothing behind it can be read.`);
    }
    if (length + frameSize > source.size - from) return torn(report, from);
    if (length > mostBytes) {
      report(
        "oversized",
        from,
        `This record has ${length} bytes, more than any curve needs; it is left out.`,
      );
    } else {
      const record = bytes.has(from, length + frameSize) ?? (await bytes.read(from, length + frameSize));
      // The file has become shorter since it was opened.
      if (record.length < length + frameSize) return torn(report, from);
      const payload = record.subarray(headerSize, headerSize + length);
      if (maskedCrc32c(payload) === uint32(record, headerSize + length)) yield { from, payload };
      else report("damaged", from, `The ${length} bytes of this record fail their checksum; it is left out.`);
    }
    from += length + frameSize;
  }
}

/** True when the bytes begin with a record's length and the checksum that belongs to it. */
export function beginsAsTfRecord(bytes: Uint8Array): boolean {
  return bytes.length >= headerSize && lengthOf(bytes) !== null;
}

/** TFRecord's checksums are masked, as a CRC over bytes that hold CRCs would be weak. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

function torn(report: ReportAt, from: number): void {
  report(
    "torn-line",
    from,
    "The last record is not complete (the file may still be written); it is left out until its rest is there.",
  );
}

/** Null where the checksum does not fit. */
function lengthOf(header: Uint8Array): number | null {
  if (maskedCrc32c(header.subarray(0, 8)) !== uint32(header, 8)) return null;
  return uint32(header, 0) + uint32(header, 4) * 2 ** 32;
}

function uint32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true);
}

/** A piece of the file in memory: records are small, and a read for each would be felt. */
class ByteWindow {
  readonly #source: ByteSource;
  #from = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** The bytes where they are in memory, else undefined. */
  has(from: number, length: number): Uint8Array | undefined {
    const at = from - this.#from;
    return at >= 0 && at + length <= this.#bytes.length ? this.#bytes.subarray(at, at + length) : undefined;
  }

  /** Reads on from a byte; shorter at the end of the file. */
  async read(from: number, length: number): Promise<Uint8Array> {
    const to = Math.min(this.#source.size, from + Math.max(length, chunkSize));
    this.#bytes = await this.#source.read(from, to);
    this.#from = from;
    return this.#bytes.subarray(0, length);
  }
}
