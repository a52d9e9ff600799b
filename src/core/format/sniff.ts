import type { FileHead } from "./format.ts";
import { isRecord } from "./jsonLines.ts";
import { parseTolerantJson } from "./tolerantJson.ts";

/** Bytes of a file's beginning that are looked at to recognise it. */
export const headSize = 1 << 16;

/** Lines that are looked at before a file is given up: a log may begin with damage. */
const mostLines = 50;

/**
 * Head of a file: its first bytes and its first JSON record, which may be longer than the head.
 * @param lineFrom reads the line that begins at a byte whole, when it does not end in the head
 */
export async function headOf(
  path: string,
  bytes: Uint8Array,
  lineFrom: (from: number) => Promise<Uint8Array>,
): Promise<FileHead> {
  if (looksBinary(bytes)) return { path, bytes, firstRecord: null };
  let from = 0;
  for (let n = 0; n < mostLines && from < bytes.length; n++) {
    const newline = bytes.indexOf(0x0a, from);
    const to = newline < 0 ? bytes.length : newline;
    const isCut = newline < 0 && bytes.length >= headSize;
    if (beginsAsObject(bytes, from, to)) {
      const firstRecord = recordOf(isCut ? await lineFrom(from) : bytes.subarray(from, to));
      if (firstRecord !== null) return { path, bytes, firstRecord };
    }
    from = to + 1;
  }
  return { path, bytes, firstRecord: null };
}

/** The line's first character is `{`, after a BOM and white space. */
function beginsAsObject(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  if (at === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) at = 3;
  while (at < to && (bytes[at] === 0x20 || bytes[at] === 0x09 || bytes[at] === 0x0d)) at++;
  return at < to && bytes[at] === 0x7b;
}

function recordOf(line: Uint8Array): Readonly<Record<string, unknown>> | null {
  const parsed = parseTolerantJson(new TextDecoder().decode(line));
  return parsed.ok && isRecord(parsed.value) ? parsed.value : null;
}

/** A zero byte in the first kilobyte: no text file has one. */
export function looksBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 1024).includes(0);
}
