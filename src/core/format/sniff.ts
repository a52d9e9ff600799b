import type { FileHead } from "./format.ts";
import { isRecord } from "./jsonLines.ts";
import { parseTolerantJson } from "./tolerantJson.ts";

/** Bytes of a file's beginning that are looked at to recognise it. */
export const headSize = 1 << 16;

/**
 * Head of a file: its first bytes and its first JSON record, which may be longer than the head.
 * @param readMore reads the first line whole when it does not end in the head
 */
export async function headOf(
  path: string,
  bytes: Uint8Array,
  readMore: () => Promise<Uint8Array>,
): Promise<FileHead> {
  if (looksBinary(bytes)) return { path, bytes, firstRecord: null };
  const wholeFile = bytes.length < headSize;
  const text = new TextDecoder().decode(bytes);
  for (const line of text.split("\n").slice(0, 50)) {
    const record = recordOf(line);
    if (record !== null) return { path, bytes, firstRecord: record };
  }
  if (wholeFile) return { path, bytes, firstRecord: null };
  const first = new TextDecoder().decode(await readMore());
  return { path, bytes, firstRecord: recordOf(first) };
}

function recordOf(line: string): Readonly<Record<string, unknown>> | null {
  if (!line.trimStart().startsWith("{")) return null;
  const parsed = parseTolerantJson(line);
  return parsed.ok && isRecord(parsed.value) ? parsed.value : null;
}

/** A zero byte in the first kilobyte: no text file has one. */
function looksBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 1024).includes(0);
}
