import type { Issue } from "../rollout/issue.ts";
import type { Trajectory } from "../rollout/trajectory.ts";

/** Random access to bytes; the only way a reader touches a log. */
export interface ByteSource {
  readonly size: number;
  /** Bytes of [from, to); shorter at the end of the file. */
  read(from: number, to: number): Promise<Uint8Array>;
}

/** Where a record lies in its file: what the index keeps instead of the record. */
export interface RecordLocator {
  /** Byte range, half-open. */
  readonly from: number;
  readonly to: number;
  /** Line from 1. */
  readonly line: number;
}

/** What a reader knows of the file beside its bytes. */
export interface FileContext {
  /** Path as opened, with forward slashes; readers look at names only, never at the disk. */
  readonly path: string;
}

/** The beginning of a file, for recognising it: magic bytes first, then name, then the first record. */
export interface FileHead {
  readonly path: string;
  /** At most 64 KiB. */
  readonly bytes: Uint8Array;
  /** The first complete JSON object of a JSON Lines file, null where there is none. */
  readonly firstRecord: Readonly<Record<string, unknown>> | null;
}

/** One record as a reader hands it over while scanning. */
export interface ScannedRecord {
  readonly locator: RecordLocator;
  /** A record may hold several trajectories, or none when it is damaged. */
  readonly trajectories: readonly Trajectory[];
  readonly issues: readonly Issue[];
}

/**
 * A rollout format. `scan` goes once through the file for the index; `load` reads one record again when it is
 * shown. Neither throws for bad input: damage is an issue beside what could be read.
 */
export interface Format<Id extends string = string> {
  readonly id: Id;
  readonly label: string;
  readonly doc: string;
  /** Endings of file names that make a file worth sniffing when a folder is opened. */
  readonly extensions: readonly string[];
  /** True when the file is surely this format; formats are asked in the order of the registry. */
  sniff(head: FileHead): boolean;
  scan(source: ByteSource, file: FileContext, options: ScanOptions): AsyncIterable<ScannedRecord>;
  load(source: ByteSource, file: FileContext, locator: RecordLocator): Promise<ScannedRecord>;
}

export interface ScanOptions {
  /** Start at this record boundary instead of 0 (a file that has only grown). */
  readonly from?: RecordLocator;
  /** Checked between records (an AbortSignal fits). */
  readonly signal?: { readonly aborted: boolean };
}
