import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { ScoredItem } from "../protocol/scorer.ts";
import { decodeRecord, encodeRecord, headBytes, longestPayload } from "./scoredRecord.ts";

/** Bytes after which a writer begins another segment. */
const segmentBytes = 64 * 2 ** 20;
/** Bytes of all models' scores; beyond it the segments that were written longest ago go. */
const mostBytes = 2 ** 30;
const ending = ".scores";
/** Of segments that hold what a GPU computed. */
const gpuEnding = `.gpu${ending}`;
const chunkBytes = 1 << 20;

interface Place {
  readonly segment: string;
  readonly at: number;
  readonly length: number;
}

interface Writer {
  /** Of its segment. */
  readonly name: string;
  readonly file: FileHandle;
  at: number;
}

/**
 * The scores of one model on the disk, found by the content they belong to. Each writer appends to segments of its own
 * and reads everybody's, so that an editor and a command line may write at the same time and a process that dies
 * leaves at most one torn record, which nobody reads.
 */
export class ScoreCache {
  readonly #root: string;
  readonly #folder: string;
  readonly #places = new Map<string, Place>();
  /** Bytes of each segment that are indexed. */
  readonly #indexed = new Map<string, number>();
  #trustsGpu = true;
  /** What a GPU computed is written apart, so that it can be forgotten. */
  readonly #writers = new Map<typeof ending | typeof gpuEnding, Writer>();
  #queue: Promise<unknown> = Promise.resolve();

  /** @param folder the cache's folder of all models @param digest the model's */
  constructor(folder: string, digest: string) {
    this.#root = join(folder, "scores");
    this.#folder = join(this.#root, digest);
  }

  /** Looks for what others have written since. */
  refresh(): Promise<void> {
    return this.#inTurn(async () => {
      for (const name of await segmentsOf(this.#folder)) await this.#index(name);
    });
  }

  get size(): number {
    return this.#places.size;
  }

  has(key: string): boolean {
    return this.#places.has(key);
  }

  /** Null where it is not there, or damaged, or has been cleared away. */
  async get(key: string): Promise<ScoredItem | null> {
    const place = this.#places.get(key);
    if (place === undefined) return null;
    return this.#decoded(key, place, await this.#read(place));
  }

  /** Several at once, each segment opened once; null where there is none. */
  async getAll(keys: readonly string[]): Promise<readonly (ScoredItem | null)[]> {
    const files = new Map<string, FileHandle | null>();
    try {
      const items: (ScoredItem | null)[] = [];
      for (const key of keys) {
        const place = this.#places.get(key);
        if (place === undefined) {
          items.push(null);
          continue;
        }
        if (!files.has(place.segment))
          files.set(place.segment, await open(join(this.#folder, place.segment), "r").catch(() => null));
        items.push(this.#decoded(key, place, await readAt(files.get(place.segment)!, place)));
      }
      return items;
    } finally {
      for (const file of files.values()) await file?.close();
    }
  }

  /** Keeps items. They are found at once, and by others when they refresh. */
  put(entries: readonly (readonly [key: string, item: ScoredItem])[]): Promise<void> {
    return this.#inTurn(async () => {
      const [onGpu, onCpu] = [true, false].map((is) => entries.filter(([, item]) => item.onGpu === is));
      if (this.#trustsGpu) await this.#append(gpuEnding, onGpu!);
      await this.#append(ending, onCpu!);
    });
  }

  /** Removes what a GPU computed, whoever wrote it, and keeps no more of it: some may be under way. */
  forgetGpu(): Promise<void> {
    this.#trustsGpu = false;
    return this.#inTurn(async () => {
      await this.#writers.get(gpuEnding)?.file.close();
      this.#writers.delete(gpuEnding);
      const names = (await segmentsOf(this.#folder)).filter((name) => name.endsWith(gpuEnding));
      for (const name of names) await unlink(join(this.#folder, name)).catch(() => {});
      for (const [key, { segment }] of this.#places)
        if (segment.endsWith(gpuEnding)) this.#places.delete(key);
    });
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      for (const { file } of this.#writers.values()) await file.close();
      this.#writers.clear();
    });
  }

  /** A GPU was checked anew: what it computes is kept again. */
  trustGpu(): void {
    this.#trustsGpu = true;
  }

  #decoded(key: string, place: Place, record: Buffer): ScoredItem | null {
    const item = decodeRecord(record, key);
    if (item === null) this.#places.delete(key);
    return item === null ? null : { ...item, onGpu: place.segment.endsWith(gpuEnding) };
  }

  async #append(
    kind: typeof ending | typeof gpuEnding,
    entries: readonly (readonly [key: string, item: ScoredItem])[],
  ): Promise<void> {
    if (entries.length === 0) return;
    const writer = await this.#open(kind);
    const records = entries.map(([key, item]) => encodeRecord(key, item));
    await writer.file.write(Buffer.concat(records));
    records.forEach(({ length }, i) => {
      this.#places.set(entries[i]![0], { segment: writer.name, at: writer.at, length });
      writer.at += length;
    });
    this.#indexed.set(writer.name, writer.at);
  }

  /** One after the other: records must not mix. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => {});
    return done;
  }

  async #open(kind: typeof ending | typeof gpuEnding): Promise<Writer> {
    const before = this.#writers.get(kind);
    if (before !== undefined && before.at < segmentBytes) return before;
    await before?.file.close();
    await mkdir(this.#folder, { recursive: true });
    await makeRoom(this.#root);
    const name = `${Date.now().toString(36)}-${process.pid}-${randomBytes(4).toString("hex")}${kind}`;
    const writer = { name, file: await open(join(this.#folder, name), "ax"), at: 0 };
    this.#writers.set(kind, writer);
    return writer;
  }

  /** Keys of the records of a segment that are not indexed yet; a torn one at its end waits. */
  async #index(name: string): Promise<void> {
    let at = this.#indexed.get(name) ?? 0;
    const file = await open(join(this.#folder, name), "r").catch(() => null);
    if (file === null) return;
    try {
      const { size } = await file.stat();
      let chunk: Buffer = Buffer.alloc(0);
      let chunkAt = at;
      while (at + headBytes <= size) {
        if (at + headBytes > chunkAt + chunk.length) {
          chunk = await readAt(file, { at, length: Math.min(chunkBytes, size - at) });
          chunkAt = at;
          if (chunk.length < headBytes) break;
        }
        const length = headBytes + chunk.readUInt32LE(at - chunkAt);
        if (length > longestPayload || at + length > size) break;
        this.#places.set(chunk.toString("latin1", at - chunkAt + 4, at - chunkAt + 20), {
          segment: name,
          at,
          length,
        });
        at += length;
      }
      this.#indexed.set(name, at);
    } finally {
      await file.close();
    }
  }

  async #read(place: Place): Promise<Buffer> {
    const file = await open(join(this.#folder, place.segment), "r").catch(() => null);
    try {
      return await readAt(file, place);
    } finally {
      await file?.close();
    }
  }
}

async function readAt(
  file: FileHandle | null,
  { at, length }: Pick<Place, "at" | "length">,
): Promise<Buffer> {
  if (file === null) return Buffer.alloc(0);
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(buffer, 0, length, at);
  return buffer.subarray(0, bytesRead);
}

async function segmentsOf(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith(ending)).toSorted();
}

/** Removes the oldest segments while there are too many bytes. One that another process still writes to is young. */
async function makeRoom(root: string): Promise<void> {
  const segments: { path: string; size: number; mtimeMs: number }[] = [];
  for (const digest of await readdir(root).catch(() => [])) {
    for (const name of await segmentsOf(join(root, digest))) {
      const path = join(root, digest, name);
      const info = await stat(path).catch(() => null);
      if (info !== null) segments.push({ path, size: info.size, mtimeMs: info.mtimeMs });
    }
  }
  let total = segments.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size } of segments.toSorted((a, b) => a.mtimeMs - b.mtimeMs)) {
    if (total <= mostBytes) return;
    await unlink(path).catch(() => {});
    total -= size;
  }
}
