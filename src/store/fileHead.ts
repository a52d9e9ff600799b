import { byteLines } from "../core/format/byteLines.ts";
import type { ByteSource, FileHead } from "../core/format/format.ts";
import { headOf, headSize } from "../core/format/sniff.ts";

/** What formats look at to recognise a file. @param path with forward slashes */
export async function readHead(path: string, file: ByteSource): Promise<FileHead> {
  return headOf(path, await file.read(0, headSize), (from) => lineFrom(file, from));
}

/** A file that holds nothing, or nothing but white space. */
export function isEmpty(file: ByteSource, { bytes }: FileHead): boolean {
  return file.size <= headSize && new TextDecoder().decode(bytes).trim() === "";
}

async function lineFrom(file: ByteSource, from: number): Promise<Uint8Array> {
  for await (const line of byteLines(file, { from, to: from, line: 1 })) return line.bytes;
  return new Uint8Array(0);
}
