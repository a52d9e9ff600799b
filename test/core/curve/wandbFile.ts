import { crc32 } from "../../../src/core/container/crc32.ts";
import { bytesField, intField } from "./eventFile.ts";

/** Writes W&B transaction logs for tests: what the SDK's own data store puts down, byte by byte. */
type Bytes = readonly number[];

const blockSize = 32768;
const [full, first, middle, last] = [1, 2, 3, 4] as const;

export const fileHeader: Bytes = [0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0];

/** One chunk with its checksum. */
export function chunk(kind: number, data: Bytes): Bytes {
  const crc = crc32(Uint8Array.from([kind, ...data]));
  const sum = [crc, crc >>> 8, crc >>> 16, crc >>> 24].map((byte) => byte & 0xff);
  return [...sum, data.length & 0xff, data.length >>> 8, kind, ...data];
}

/** A whole file; records are split where a block ends. */
export function wandbFile(...records: readonly Bytes[]): Uint8Array {
  const out: number[] = [...fileHeader];
  for (const record of records) {
    let rest = record;
    let isFirst = true;
    do {
      let left = blockSize - (out.length % blockSize);
      if (left < 7) {
        for (; left > 0; left--) out.push(0);
        left = blockSize;
      }
      const data = rest.slice(0, left - 7);
      rest = rest.slice(data.length);
      const isLast = rest.length === 0;
      const kind = isFirst ? (isLast ? full : first) : isLast ? last : middle;
      for (const byte of chunk(kind, data)) out.push(byte);
      isFirst = false;
    } while (rest.length > 0);
  }
  return Uint8Array.from(out);
}

/** A call of `wandb.log`: names (an array for nested ones) with their JSON. */
export function history(
  step: number,
  items: readonly (readonly [name: string | readonly string[], json: string])[],
): Bytes {
  const item = (name: string | readonly string[], json: string): Bytes => [
    ...(typeof name === "string" ? bytesField(1, name) : name.flatMap((key) => bytesField(2, key))),
    ...bytesField(16, json),
  ];
  const own = [item("_step", String(step)), item("_timestamp", String(1_760_000_000 + step))];
  const all = [...items.map(([name, json]) => item(name, json)), ...own];
  return bytesField(2, [...all.flatMap((one) => bytesField(1, one)), ...bytesField(2, intField(1, step))]);
}

export const run = (id: string, name: string): Bytes =>
  bytesField(17, [...bytesField(1, id), ...(name === "" ? [] : bytesField(8, name))]);

/** `define_metric(pattern, step_metric=metric)`. */
export const stepMetric = (pattern: string, metric: string): Bytes =>
  bytesField(12, [...bytesField(pattern.endsWith("*") ? 2 : 1, pattern), ...bytesField(4, metric)]);

/** Console output, as long as is wanted. */
export const output = (length: number): Bytes =>
  bytesField(
    13,
    Array.from({ length }, () => 0x78),
  );
