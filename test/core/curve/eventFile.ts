import { maskedCrc32c } from "../../../src/core/curve/tensorboard/tfRecord.ts";

/** Writes TensorBoard event files for tests: what TensorFlow's own writer puts down, byte by byte. */
type Bytes = readonly number[];

export const varint = (value: number | bigint): Bytes => {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    out.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return out;
};

const fixed = (size: 4 | 8, set: (view: DataView) => void): Bytes => {
  const bytes = new Uint8Array(size);
  set(new DataView(bytes.buffer));
  return [...bytes];
};
export const float32 = (value: number): Bytes => fixed(4, (view) => view.setFloat32(0, value, true));
export const float64 = (value: number): Bytes => fixed(8, (view) => view.setFloat64(0, value, true));

export const intField = (field: number, value: number | bigint): Bytes => [
  ...varint(field * 8),
  ...varint(value),
];
export const doubleField = (field: number, value: number): Bytes => [
  ...varint(field * 8 + 1),
  ...float64(value),
];
export const floatField = (field: number, value: number): Bytes => [
  ...varint(field * 8 + 5),
  ...float32(value),
];
export const bytesField = (field: number, value: Bytes | string): Bytes => {
  const bytes = typeof value === "string" ? [...new TextEncoder().encode(value)] : value;
  return [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes];
};

/** An event of summary values. */
export function event(step: number | bigint, values: readonly Bytes[], wallTime = 1_760_000_000): Bytes {
  const summary = values.flatMap((value) => bytesField(1, value));
  return [...doubleField(1, wallTime), ...intField(2, step), ...bytesField(5, summary)];
}

export const simple = (tag: string, value: number): Bytes => [...bytesField(1, tag), ...floatField(2, value)];

/** A tensor value; `plugin` stands only in a tag's first value. */
export const tensor = (tag: string, content: Bytes, plugin?: string): Bytes => [
  ...bytesField(1, tag),
  ...(plugin === undefined ? [] : bytesField(9, bytesField(1, bytesField(1, plugin)))),
  ...bytesField(8, content),
];

export const start = (step: number): Bytes => [
  ...doubleField(1, 1),
  ...intField(2, step),
  ...bytesField(7, intField(1, 1)),
];

const uint32 = (value: number): Bytes => fixed(4, (view) => view.setUint32(0, value, true));

/** One record with its length and checksums. */
export function record(payload: Bytes, length: bigint = BigInt(payload.length)): Bytes {
  const head = fixed(8, (view) => view.setBigUint64(0, length, true));
  const crc = (bytes: Bytes): Bytes => uint32(maskedCrc32c(Uint8Array.from(bytes)));
  return [...head, ...crc(head), ...payload, ...crc(payload)];
}

/** A whole file: the version record, then the events. */
export function eventFile(...events: readonly Bytes[]): Uint8Array {
  const version = record([...doubleField(1, 1_760_000_000), ...bytesField(3, "brain.Event:2")]);
  return Uint8Array.from([...version, ...events.flatMap((payload) => record(payload))]);
}
