import type { FileIssues, OpenedRoot, Reading, TrajectoryRef } from "../protocol/store.ts";
import { UserError } from "../protocol/userError.ts";
import { stat } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { absorbedBy, partsOfOthers } from "./absorbed.ts";
import { type Candidates, discover, watchedGlob } from "./discover.ts";
import { type FileIndex, indexFile, type IndexOptions } from "./fileIndex.ts";
import { FileError, sameStamp } from "./fileSource.ts";
import type { IndexCache } from "./indexCache.ts";
import { type Run, runsOf } from "./run.ts";
import type { Group, Member, RunBatch } from "./runBatch.ts";

/** Where a trajectory stands in its root. */
export interface Found {
  readonly member: Member;
  readonly batch: RunBatch;
  readonly group: Group;
  /** Place in its group, from 0. */
  readonly index: number;
}

/** What a state of an opened root is made of. */
interface State {
  readonly root: string;
  readonly candidates: Candidates;
  readonly indexed: readonly FileIndex[];
  readonly refused: readonly FileIssues[];
  readonly before: OpenRoot | null;
  readonly reading: Reading | null;
}

/**
 * An opened file or folder: the indices of its files, and the runs they make. A new state is a new one; batches that
 * did not change are shared with the state before.
 */
export class OpenRoot {
  readonly root: string;
  readonly candidates: Candidates;
  /** Files that a format recognised, empty ones, damaged ones; a folder's files of other kinds are only counted. */
  readonly files: readonly FileIndex[];
  readonly refused: readonly FileIssues[];
  readonly skipped: number;
  readonly runs: readonly Run[];
  /** How far reading is; null when all is read. */
  readonly reading: Reading | null;

  private constructor({ root, candidates, indexed, refused, before, reading }: State) {
    this.root = root;
    this.candidates = candidates;
    const parts = partsOfOthers(indexed);
    const listed = indexed.filter((file) => !parts.has(file));
    this.files = candidates.isFolder ? listed.filter(({ foreign }) => !foreign) : indexed;
    this.skipped = listed.length - this.files.length;
    this.refused = refused;
    this.runs = runsOf(root, this.files, absorbedBy(this.files), before?.runs);
    this.reading = reading;
  }

  /**
   * Indexes a root; files that have not changed since `before` are taken from there, those that have only grown are read
   * from where they ended.
   * @throws UserError when the root is not there, or is a file that may not be read
   */
  static async open(root: string, before: OpenRoot | null, options: RootOptions = {}): Promise<OpenRoot> {
    const candidates = await discover(root);
    const known = new Map(before?.files.map((file) => [file.path, file]));
    const indexed: FileIndex[] = [];
    const refused: FileIssues[] = candidates.refused.map(({ path, message }) => refusal(path, message));
    const { onPartial: onState, onFile, ...rest } = options;
    const partial = new Partials(onState, candidates.files);
    let latest = before;
    for (const [i, path] of candidates.files.entries()) {
      onFile?.(i, candidates.files.length, path);
      const tell = (index: FileIndex | null): void | Promise<void> => {
        const reading = partial.due(index, path);
        if (reading === null) return undefined;
        const files = index === null ? indexed : [...indexed, index];
        latest = new OpenRoot({ root, candidates, indexed: files, refused, before: latest, reading });
        return partial.told(latest);
      };
      try {
        const index = await indexOf(path, known.get(path) ?? null, { ...rest, onPartial: tell });
        indexed.push(index);
        partial.finished(index);
        if (i + 1 < candidates.files.length) await tell(null);
      } catch (error) {
        if (!(error instanceof UserError) || error.code === "cancelled" || !candidates.isFolder) throw error;
        refused.push(refusal(path, error instanceof FileError ? error.what : error.message));
      }
    }
    return new OpenRoot({ root, candidates, indexed, refused, before: latest, reading: null });
  }

  find({ file, id }: Pick<TrajectoryRef, "file" | "id">): Found | null {
    const index = this.files.find(({ path }) => path === file);
    const row = index?.table.rowOf(id);
    if (index === undefined || row === undefined) return null;
    const { trainStep, split } = index.table.summary(row);
    for (const run of this.runs) {
      if (!run.files.has(index)) continue;
      for (const batch of run.batches) {
        if (batch.key.trainStep !== trainStep || batch.key.split !== split) continue;
        if (batch.indexOf({ file: index, row }) < 0) continue;
        for (const group of batch.groups) {
          const at = group.members.findIndex((member) => member.file === index && member.row === row);
          if (at >= 0) return { member: group.members[at]!, batch, group, index: at };
        }
      }
    }
    return null;
  }

  describe(): OpenedRoot {
    const damaged = this.files
      .filter(({ issueCount }) => issueCount > 0)
      .map(({ path, issueCount, issues }) => ({ file: path, total: issueCount, issues }));
    return {
      root: this.root,
      runs: this.runs.map(({ run, files, batches }) => ({
        root: this.root,
        run,
        formats: [...new Set([...files].map(({ format }) => format!.id))],
        files: files.size,
        trajectories: batches.reduce((n, { size }) => n + size, 0),
        batches: batches.length,
        trainSteps: new Set(batches.flatMap(({ key }) => key.trainStep ?? [])).size,
      })),
      issues: [...this.refused, ...damaged],
      skipped: this.skipped,
      reading: this.reading,
      watched: watchedGlob,
    };
  }

  /** The rollout that was logged last. */
  latest(): TrajectoryRef | null {
    const batches = this.runs.flatMap((run) => run.batches).filter(({ key }) => key.split === "train");
    const batch = batches.reduce<RunBatch | null>((latest, one) => {
      const isLater = latest === null || (one.key.trainStep ?? 0) >= (latest.key.trainStep ?? 0);
      return isLater ? one : latest;
    }, null);
    const member = batch?.last ?? null;
    if (member === null) return null;
    return { root: this.root, file: member.file.path, id: member.file.table.summary(member.row).id };
  }
}

export interface RootOptions extends Omit<IndexOptions, "onPartial" | "before"> {
  /** A file is about to be read. */
  readonly onFile?: (index: number, of: number, path: string) => void;
  /** The root so far, while reading goes on: the first soon, the others more and more seldom. */
  readonly onPartial?: (root: OpenRoot) => void;
  readonly cache?: IndexCache | null;
}

/** Milliseconds before the first state is told, and between later ones; these also take ten times what making one takes. */
const firstMs = { large: 10, small: 250 };
const laterMs = 1000;
/** Bytes of a file that is surely not read in a blink. */
const largeBytes = 32 * 2 ** 20;
/** Milliseconds that reading rests behind the first state: whoever wants to look at it asks now. */
const restMs = 150;

/** Decides when the state of a root that is read is worth telling. */
class Partials {
  readonly #tell: ((root: OpenRoot) => void) | undefined;
  readonly #started = performance.now();
  #total = NaN;
  #finished = 0;
  #next = 0;
  #isFirst = true;

  constructor(tell: ((root: OpenRoot) => void) | undefined, paths: readonly string[]) {
    this.#tell = tell;
    if (tell !== undefined) void totalOf(paths).then((bytes) => (this.#total = bytes));
  }

  /** How far reading is, where that is to be told now. @param index of the file that is being read */
  due(index: FileIndex | null, path: string): Reading | null {
    if (this.#tell === undefined || index?.table.length === 0) return null;
    const now = performance.now() - this.#started;
    const isLarge = (index?.stamp.size ?? 0) > largeBytes;
    if (now < (this.#isFirst ? firstMs[isLarge ? "large" : "small"] : this.#next)) return null;
    this.#next = now;
    return { done: this.#finished + (index?.done ?? 0), total: this.#total, file: path };
  }

  told(root: OpenRoot): Promise<void> {
    const took = performance.now() - this.#started - this.#next;
    this.#next += Math.max(laterMs, 10 * took);
    this.#tell?.(root);
    const rest = this.#isFirst ? restMs : 0;
    this.#isFirst = false;
    return setTimeout(rest);
  }

  finished({ stamp }: FileIndex): void {
    this.#finished += stamp.size;
  }
}

async function totalOf(paths: readonly string[]): Promise<number> {
  let total = 0;
  for (const path of paths) total += (await stat(path).catch(() => null))?.size ?? 0;
  return total;
}

/** The index of a file: as it was, continued, or made anew. */
async function indexOf(
  path: string,
  known: FileIndex | null,
  { cache = null, ...options }: Omit<IndexOptions, "before"> & Pick<RootOptions, "cache">,
): Promise<FileIndex> {
  if (known !== null && known.done >= known.stamp.size && (await isUnchanged(known))) return known;
  const before = known ?? (await cache?.get(path)) ?? null;
  const usable = before !== null && (await areUnchanged(before.beside)) ? before : null;
  const rows = usable?.table.length;
  const index = await indexFile(path, { ...options, before: usable });
  if (index.table.length !== rows) await cache?.put(index);
  return index;
}

/** True while a file is the one that was indexed, by its size, time and inode, and so are those it was read with. */
export async function isUnchanged({
  path,
  stamp,
  beside,
}: Pick<FileIndex, "path" | "stamp" | "beside">): Promise<boolean> {
  return areUnchanged([{ path, stamp }, ...beside]);
}

async function areUnchanged(files: FileIndex["beside"]): Promise<boolean> {
  for (const one of files) {
    const now = await stat(one.path).catch(() => null);
    const is = now === null ? null : { size: now.size, mtimeMs: now.mtimeMs, inode: now.ino };
    if (is === null || one.stamp === null) {
      if (is !== one.stamp) return false;
    } else if (!sameStamp(now?.isDirectory() === true ? { ...is, size: 0 } : is, one.stamp)) return false;
  }
  return true;
}

/** A file or folder that could not be read, as an issue. */
export function refusal(file: string, message: string): FileIssues {
  return { file, total: 1, issues: [{ code: "refused", line: 0, byte: 0, message }] };
}
