import { ContainerError } from "../containerError.ts";

/**
 * Walks `count` values of Parquet's run-length and bit-packed encoding without building them, and gives the offset
 * behind the last run. A program that builds them may then trust the runs: none is longer than what is left.
 */
export function checkRuns(bytes: Uint8Array, from: number, width: number, count: number): number {
  if (width > 32) throw damaged("has values of more than 32 bits");
  let at = from;
  for (let seen = 0; seen < count;) {
    let header = 0;
    let shift = 0;
    for (let more = true; more; shift += 7) {
      if (at >= bytes.length) throw damaged("ends too early");
      if (shift > 28) throw damaged("has a run of more values than there are");
      more = bytes[at]! > 127;
      header |= (bytes[at++]! & 127) << shift;
    }
    const isPacked = (header & 1) === 1;
    const length = isPacked ? (header >>> 1) * 8 : header >>> 1;
    // Packed values come by eights: the last eight may be more than there are.
    if (header < 0 || length > count - seen + (isPacked ? 7 : 0))
      throw damaged("has a run of more values than there are");
    at += isPacked ? (header >>> 1) * width : Math.ceil(width / 8);
    seen += length;
  }
  return at;
}

/** The same for `count` values of the delta encoding of integers. */
export function checkDeltas(bytes: Uint8Array, from: number, count: number): void {
  let at = from;
  const block = varint();
  const parts = varint();
  if (parts < 1 || parts > 1024 || block < 1 || block % parts !== 0 || block > 2 ** 24)
    throw damaged("has blocks of a strange size");
  varint();
  varint();
  for (let seen = 1; seen < count;) {
    varint();
    const widths = at;
    at += parts;
    for (let i = 0; i < parts && seen < count; i++, seen += block / parts) {
      const width = bytes[widths + i] ?? 0;
      if (width > 64) throw damaged("has values of more than 64 bits");
      at += (width * block) / parts / 8;
    }
  }

  function varint(): number {
    let value = 0;
    for (let scale = 1, n = 0; n < 10; scale *= 128, n++) {
      if (at >= bytes.length) throw damaged("ends too early");
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw damaged("has a number of more than 64 bits");
  }
}

function damaged(what: string): ContainerError {
  return new ContainerError("damaged", `A page of the Parquet file ${what}.`);
}
