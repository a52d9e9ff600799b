import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { formatOf } from "../core/format/registry.ts";
import type { FileIndex } from "./fileIndex.ts";
import { type StoredTable, SummaryTable } from "./summaryTable.ts";

/** Files below this size are read again faster than their index is found. */
const smallest = 4 * 2 ** 20;
/** Bytes of all indices; beyond it those go that were used longest ago. */
const mostBytes = 2 ** 29;
const ending = ".index";

interface StoredIndex extends Pick<
  FileIndex,
  "path" | "stamp" | "beside" | "issues" | "issueCount" | "signals" | "done" | "resume"
> {
  readonly program: string;
  readonly format: string;
  readonly table: StoredTable;
}

/**
 * Indices of large logs on the disk, so that a log which was read once opens at once, and one that has grown is read
 * from where it ended. Whether an index still fits its file is for who takes it to see.
 */
export class IndexCache {
  readonly #folder: string;
  readonly #program: string;

  /** @param folder the user-level cache @param program what reads; another build may read otherwise */
  constructor(folder: string, program: string) {
    this.#folder = join(folder, "index");
    this.#program = program;
  }

  /** The index of a path as it was kept; null where there is none, or one that cannot be used. */
  async get(path: string): Promise<FileIndex | null> {
    try {
      const bytes = await readFile(this.#fileOf(path));
      const body = bytes.subarray(32);
      if (!sha256(body).equals(bytes.subarray(0, 32))) return null;
      return this.#restored(path, deserialize(body) as StoredIndex);
    } catch {
      return null;
    }
  }

  /** Keeps an index that can be continued. A cache that cannot be written is none. */
  async put(index: FileIndex): Promise<void> {
    if (index.resume === null || index.format === null || index.stamp.size < smallest) return;
    const { path, stamp, beside, issues, issueCount, signals, done, resume } = index;
    const stored: StoredIndex = {
      program: this.#program,
      format: index.format.id,
      table: index.table.store(),
      path,
      stamp,
      beside,
      issues,
      issueCount,
      signals,
      done,
      resume,
    };
    try {
      const body = serialize(stored);
      const file = this.#fileOf(path);
      const fresh = `${file}.${randomBytes(6).toString("hex")}`;
      await mkdir(this.#folder, { recursive: true });
      await writeFile(fresh, Buffer.concat([sha256(body), body]));
      await rename(fresh, file);
      await this.#makeRoom();
    } catch {
      // It will be read anew the next time, as without a cache.
    }
  }

  #restored(path: string, stored: StoredIndex): FileIndex | null {
    const { program, format: id, table: data, ...rest } = stored;
    const format = formatOf(id);
    const table = SummaryTable.restore(data);
    if (program !== this.#program || rest.path !== path || format === undefined || table === null)
      return null;
    return { ...rest, format, table, foreign: false };
  }

  #fileOf(path: string): string {
    return join(this.#folder, createHash("sha256").update(path).digest("hex").slice(0, 32) + ending);
  }

  async #makeRoom(): Promise<void> {
    const files = await Promise.all(
      (await readdir(this.#folder)).map(async (name) => {
        const path = join(this.#folder, name);
        const info = await stat(path).catch(() => null);
        return { path, size: info?.size ?? 0, mtimeMs: info?.mtimeMs ?? 0 };
      }),
    );
    let total = files.reduce((sum, { size }) => sum + size, 0);
    for (const { path, size } of files.toSorted((a, b) => a.mtimeMs - b.mtimeMs)) {
      if (total <= mostBytes) return;
      await unlink(path).catch(() => {});
      total -= size;
    }
  }
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
