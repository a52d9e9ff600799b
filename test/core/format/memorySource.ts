import {
  type ByteSource,
  type FileContext,
  type FileHead,
  type Format,
  nothingNear,
  type ScannedRecord,
} from "../../../src/core/format/format.ts";
import { headOf } from "../../../src/core/format/sniff.ts";

/** Bytes in memory, handed out in pieces, as a file would be. */
export function memorySource(content: string | Uint8Array): ByteSource {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return {
    size: bytes.length,
    read: (from, to) => Promise.resolve(bytes.slice(from, Math.min(to, bytes.length))),
  };
}

/** A file of which only the path is known. */
export function alone(path: string): FileContext {
  return { path, near: nothingNear };
}

/** What formats see of a file with this content. */
export function headOfContent(content: string | Uint8Array, path = "run/log.jsonl"): Promise<FileHead> {
  return headOf(memorySource(content), alone(path));
}

export async function scanAll(
  format: Format,
  content: string | Uint8Array,
  path = "run/log.jsonl",
): Promise<readonly ScannedRecord[]> {
  const records: ScannedRecord[] = [];
  for await (const record of format.scan(memorySource(content), alone(path), {})) records.push(record);
  return records;
}

/** Codes and lines of all issues. */
export function issuesOf(records: readonly ScannedRecord[]): readonly string[] {
  return records.flatMap(({ issues }) => issues.map(({ code, line }) => `${code}:${line}`));
}

export function idsOf(records: readonly ScannedRecord[]): readonly string[] {
  return records.flatMap(({ trajectories }) => trajectories.map(({ id }) => id));
}
