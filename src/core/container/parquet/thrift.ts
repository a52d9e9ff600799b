import { ContainerError } from "../containerError.ts";

/** Deeper than any structure of Parquet's. */
const deepest = 32;

/**
 * Walks a structure of Thrift's compact protocol (Parquet's footer and page headers) without building it, and gives the
 * offset behind it. A program that builds one may then trust its lists: each announced element is there.
 */
export function checkThrift(bytes: Uint8Array, from: number): number {
  let at = from;
  struct(0);
  return at;

  function struct(depth: number): void {
    if (depth > deepest) throw damaged("is nested too deeply");
    for (let head = byte(); (head & 15) !== 0; head = byte()) {
      if (head >> 4 === 0) varint();
      element(head & 15, depth, false);
    }
  }

  function element(type: number, depth: number, inList: boolean): void {
    if (type === 1 || type === 2) at += inList ? 1 : 0;
    else if (type === 3) at++;
    else if (type >= 4 && type <= 6) varint();
    else if (type === 7) at += 8;
    else if (type === 8) skip(varint());
    else if (type === 9) list(depth + 1);
    else if (type === 12) struct(depth + 1);
    else throw damaged("has a field of no known type");
    if (at > bytes.length) throw damaged("ends too early");
  }

  function list(depth: number): void {
    if (depth > deepest) throw damaged("is nested too deeply");
    const head = byte();
    const length = head >> 4 === 15 ? varint() : head >> 4;
    if (length > bytes.length - at) throw damaged("announces more entries than it has bytes");
    for (let i = 0; i < length; i++) element(head & 15, depth, true);
  }

  function skip(length: number): void {
    at += length;
  }

  /** At most 64 bits: more would be no number of Parquet's, and slow. */
  function varint(): number {
    let value = 0;
    for (let scale = 1, n = 0; ; scale *= 128) {
      const next = byte();
      value += (next & 127) * scale;
      if (next < 128) return value;
      if (++n === 10) throw damaged("has a number of more than 64 bits");
    }
  }

  function byte(): number {
    if (at >= bytes.length) throw damaged("ends too early");
    return bytes[at++]!;
  }
}

function damaged(what: string): ContainerError {
  return new ContainerError("damaged", `A structure of the Parquet file ${what}.`);
}
