import type { ByteSource, FileHead } from "../core/format/format.ts";
import { headSize } from "../core/format/sniff.ts";

/** A file that holds nothing, or nothing but white space. */
export function isEmpty(file: ByteSource, { bytes }: FileHead): boolean {
  return file.size <= headSize && new TextDecoder().decode(bytes).trim() === "";
}
