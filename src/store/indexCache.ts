import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, rename, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { formatOf } from "../core/format/registry.ts";
import { type PagesByName, readArrays, writeArrays } from "./arrayFile.ts";
import type { FileIndex } from "./fileIndex.ts";
import { SummaryTable } from "./summaryTable.ts";

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
    const found = await readArrays(this.#fileOf(path));
    if (found === null) return null;
    const { program, format: id, ...rest } = found.head as StoredIndex;
    const format = formatOf(id);
    if (program !== this.#program || rest.path !== path || format === undefined) return null;
    const columns = arraysOf("columns", found.arrays);
    const table = SummaryTable.restore({ columns, strings: arraysOf("strings", found.arrays) });
    return table === null ? null : { ...rest, format, table, foreign: false };
  }

  /** Keeps an index that can be continued. A cache that cannot be written is none. */
  async put(index: FileIndex): Promise<void> {
    if (index.resume === null || index.format === null || index.stamp.size < smallest) return;
    const { path, stamp, beside, issues, issueCount, signals, done, resume } = index;
    const { columns, strings } = index.table.store();
    const head: StoredIndex = {
      program: this.#program,
      format: index.format.id,
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
      const file = this.#fileOf(path);
      const fresh = `${file}.${randomBytes(6).toString("hex")}`;
      await mkdir(this.#folder, { recursive: true });
      await writeArrays(fresh, head, { ...named("columns", columns), ...named("strings", strings) });
      await rename(fresh, file);
      await this.#makeRoom();
    } catch {
      // It will be read anew the next time, as without a cache.
    }
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

/** Arrays of one part of what is kept, by the names that they have in the file. */
function named(part: string, arrays: PagesByName): PagesByName {
  return Object.fromEntries(Object.entries(arrays).map(([name, pages]) => [`${part}.${name}`, pages]));
}

function arraysOf(part: string, arrays: PagesByName): PagesByName {
  return Object.fromEntries(
    Object.entries(arrays)
      .filter(([name]) => name.startsWith(`${part}.`))
      .map(([name, pages]) => [name.slice(part.length + 1), pages]),
  );
}
