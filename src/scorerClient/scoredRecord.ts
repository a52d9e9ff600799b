import { createHash } from "node:crypto";
import type { ColumnLevel } from "../core/head/head.ts";
import type { ScoredItem, ScoreItem } from "../protocol/scorer.ts";

/**
 * One cached item on the disk: length of the payload (uint32), key (16 bytes), digest of the payload (8 bytes), payload.
 * All little-endian.
 */
export const headBytes = 4 + 16 + 8;

/** Longer than any text a model takes gives; a length beyond it is damage. */
export const longestPayload = 1 << 28;

/** 16 bytes as text: what an item is found by. Equal texts, equal keys. */
export function keyOf(item: ScoreItem): string {
  const hash = createHash("sha256");
  const { prompt, before, parts, answer } = item;
  hash.update(
    JSON.stringify([
      prompt,
      answer,
      before.map(({ role, text }) => [role, text]),
      parts.map(({ kind, role, turn, text, ids }) => [kind, role, turn, text, ids]),
    ]),
  );
  return hash.digest().toString("latin1", 0, 16);
}

export function encodeRecord(key: string, item: RecordedItem): Uint8Array {
  const payload = encode(item);
  const record = Buffer.alloc(headBytes + payload.length);
  record.writeUInt32LE(payload.length, 0);
  record.write(key, 4, "latin1");
  record.set(digestOf(payload), 20);
  record.set(payload, headBytes);
  return record;
}

/** What a record holds: where it lies says what computed it. */
export type RecordedItem = Omit<ScoredItem, "onGpu">;

/** The item of a whole record; null where the record is damaged. */
export function decodeRecord(record: Uint8Array, key: string): RecordedItem | null {
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

/** Counts, the arrays, and at the end the columns' names and levels as JSON, filled up with blanks to whole words. */
function encode(item: RecordedItem): Uint8Array {
  const names = JSON.stringify(item.columns.map(({ name, level, values }) => [name, level, values.length]));
  const label = Buffer.from(names.padEnd(4 * Math.ceil(Buffer.byteLength(names) / 4)));
  const counts = Uint32Array.of(item.first.length, item.ids.length, item.tokens, item.windows, label.length);
  const arrays = [
    counts,
    item.first,
    item.start,
    item.end,
    item.ids,
    ...item.columns.map(({ values }) => values),
  ];
  return Buffer.concat([
    ...arrays.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
    label,
  ]);
}

function decode(payload: Uint8Array): RecordedItem | null {
  // A copy, so that the arrays begin at a multiple of four.
  const bytes = Uint8Array.from(payload).buffer;
  if (bytes.byteLength < 20) return null;
  const [parts = 0, n = 0, tokens = 0, windows = 0, label = 0] = new Uint32Array(bytes, 0, 5);
  const names = namesIn(bytes, label);
  const values = names.reduce((sum, [, , length]) => sum + length, 0);
  if (bytes.byteLength !== 4 * (5 + parts + 3 * n + values) + label) return null;
  let at = 20;
  const floats = (length: number): Float32Array =>
    new Float32Array(bytes, (at += 4 * length) - 4 * length, length);
  const ints = (length: number): Int32Array => new Int32Array(bytes, (at += 4 * length) - 4 * length, length);
  return {
    first: ints(parts),
    start: ints(n),
    end: ints(n),
    ids: ints(n),
    columns: names.map(([name, level, length]) => ({ name, level, values: floats(length) })),
    tokens,
    windows,
  };
}

function namesIn(bytes: ArrayBuffer, label: number): readonly (readonly [string, ColumnLevel, number])[] {
  if (label > bytes.byteLength) return [];
  return JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, bytes.byteLength - label))) as [];
}
