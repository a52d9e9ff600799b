import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Nearby } from "../core/format/format.ts";
import { type FileStamp, type OpenFile, openFile } from "./fileSource.ts";

/** A file beside a log that its reader asked for. */
export interface BesideStamp {
  readonly path: string;
  /** Null where it was not there. */
  readonly stamp: FileStamp | null;
}

/** Names beside a log are the format's own or a log's words: neither may lead far away. */
const mostUp = 3;
/** Bytes up to which a file is read whole and closed at once. */
const readWhole = 1 << 20;
const inOrder = new Intl.Collator("en", { numeric: true });

/** The files beside a log. What was asked for is remembered, so that the index can follow it; close it in the end. */
export class FilesNear implements Nearby {
  readonly #folder: string;
  readonly #open: OpenFile[] = [];
  readonly #asked = new Map<string, FileStamp | null>();

  constructor(path: string) {
    this.#folder = dirname(path);
  }

  /** Files that were asked for. */
  get asked(): readonly BesideStamp[] {
    return [...this.#asked].map(([path, stamp]) => ({ path, stamp }));
  }

  async open(relative: string): Promise<OpenFile | null> {
    const path = this.#resolve(relative);
    if (path === null) return null;
    const info = await stat(path).catch(() => null);
    const file = info?.isFile() === true ? await openFile(path).catch(() => null) : null;
    this.#asked.set(path, file?.stamp ?? null);
    if (file === null || file.size > readWhole) {
      if (file !== null) this.#open.push(file);
      return file;
    }
    // A conversation may have a file for each event: handles would run out.
    const bytes = await file.read(0, file.size);
    await file.close();
    const { size, stamp } = file;
    return {
      size,
      stamp,
      read: (from, to) => Promise.resolve(bytes.subarray(from, to)),
      close: async () => {},
    };
  }

  async list(relative: string): Promise<readonly string[]> {
    const path = this.#resolve(relative);
    if (path === null) return [];
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    const info = await stat(path).catch(() => null);
    // A folder's time changes with the names in it.
    this.#asked.set(path, info === null ? null : { size: 0, mtimeMs: info.mtimeMs, inode: info.ino });
    return entries
      .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
      .sort((a, b) => inOrder.compare(a, b));
  }

  async close(): Promise<void> {
    for (const file of this.#open.splice(0)) await file.close();
  }

  #resolve(relative: string): string | null {
    const parts = relative.split("/").filter((part) => part !== "" && part !== ".");
    const up = parts.findIndex((part) => part !== "..");
    const isPlain = parts.slice(Math.max(up, 0)).every((part) => part !== ".." && !/[\0\\:]/.test(part));
    if (!isPlain || (up < 0 ? parts.length : up) > mostUp || relative.startsWith("/")) return null;
    return join(this.#folder, ...parts);
  }
}
