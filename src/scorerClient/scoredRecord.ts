import { createHash } from "node:crypto";
import type { ScoredItem, ScoreItem } from "../protocol/scorer.ts";

/**
 * One cached item on the disk: length of the payload (uint32), key (16 bytes), digest of the payload (8 bytes), payload.
 * All little-endian. The payload is four counts and the item's arrays one after the other.
 */
export const headBytes = 4 + 16 + 8;

/** Longer than any text a model takes gives; a length beyond it is damage. */
export const longestPayload = 1 << 28;

/** 16 bytes as text: what an item is found by. Equal texts, equal keys. */
export function keyOf(item: ScoreItem): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([item.prompt, ...item.parts.map(({ kind, text }) => [kind, text])]));
  return hash.digest().toString("latin1", 0, 16);
}

export function encodeRecord(key: string, item: ScoredItem): Uint8Array {
  const payload = encode(item);
  const record = Buffer.alloc(headBytes + payload.length);
  record.writeUInt32LE(payload.length, 0);
  record.write(key, 4, "latin1");
  record.set(digestOf(payload), 20);
  record.set(payload, headBytes);
  return record;
}

/** The item of a whole record; null where the record is damaged. */
export function decodeRecord(record: Uint8Array, key: string): ScoredItem | null {
  const buffer = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  const payload = record.subarray(headBytes);
  const isWhole =
    buffer.length >= headBytes + 16 &&
    buffer.readUInt32LE(0) === payload.length &&
    buffer.toString("latin1", 4, 20) === key &&
    digestOf(payload).equals(buffer.subarray(20, headBytes));
  return isWhole ? decode(payload) : null;
}

function digestOf(payload: Uint8Array): Buffer {
  return createHash("sha256").update(payload).digest().subarray(0, 8);
}

function encode(item: ScoredItem): Uint8Array {
  const counts = Uint32Array.of(item.part.length, item.ids.length, item.tokens, item.windows);
  const arrays = [counts, item.part, item.first, item.start, item.end, item.ids, item.token];
  return Buffer.concat(
    arrays.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  );
}

function decode(payload: Uint8Array): ScoredItem | null {
  // A copy, so that the arrays begin at a multiple of four.
  const bytes = Uint8Array.from(payload).buffer;
  const [parts = 0, n = 0, tokens = 0, windows = 0] = new Uint32Array(bytes, 0, 4);
  if (bytes.byteLength !== 4 * (4 + parts + parts + 1 + 4 * n)) return null;
  let at = 16;
  const floats = (length: number): Float32Array =>
    new Float32Array(bytes, (at += 4 * length) - 4 * length, length);
  const ints = (length: number): Int32Array => new Int32Array(bytes, (at += 4 * length) - 4 * length, length);
  return {
    part: floats(parts),
    first: ints(parts + 1),
    start: ints(n),
    end: ints(n),
    ids: ints(n),
    token: floats(n),
    tokens,
    windows,
  };
}
