import type { FileIssues, OpenedRoot, TrajectoryRef } from "../protocol/store.ts";
import { UserError } from "../protocol/userError.ts";
import { stat } from "node:fs/promises";
import { type Candidates, discover } from "./discover.ts";
import { type FileIndex, indexFile, type IndexOptions } from "./fileIndex.ts";
import { FileError, sameStamp } from "./fileSource.ts";
import { type Group, type Member, type Run, type RunBatch, runsOf } from "./run.ts";

/** Where a trajectory stands in its root. */
export interface Found {
  readonly member: Member;
  readonly batch: RunBatch;
  readonly group: Group;
  /** Place in its group, from 0. */
  readonly index: number;
}

/** An opened file or folder: the indices of its files, and the runs they make. Immutable; a new state is a new one. */
export class OpenRoot {
  readonly root: string;
  readonly candidates: Candidates;
  /** Files that a format recognised, empty ones, damaged ones; a folder's files of other kinds are only counted. */
  readonly files: readonly FileIndex[];
  readonly refused: readonly FileIssues[];
  readonly skipped: number;
  readonly runs: readonly Run[];

  private constructor(
    root: string,
    candidates: Candidates,
    indexed: readonly FileIndex[],
    refused: readonly FileIssues[],
  ) {
    this.root = root;
    this.candidates = candidates;
    this.files = candidates.isFolder ? indexed.filter(({ foreign }) => !foreign) : indexed;
    this.skipped = indexed.length - this.files.length;
    this.refused = refused;
    this.runs = runsOf(root, this.files);
  }

  /**
   * Indexes a root; files that have not changed since `before` are taken from there.
   * @throws UserError when the root is not there, or is a file that may not be read
   */
  static async open(root: string, before: OpenRoot | null, options: RootOptions = {}): Promise<OpenRoot> {
    const candidates = await discover(root);
    const known = new Map(before?.files.map((file) => [file.path, file]));
    const indexed: FileIndex[] = [];
    const refused: FileIssues[] = candidates.refused.map(({ path, message }) => refusal(path, message));
    for (const [i, path] of candidates.files.entries()) {
      options.onFile?.(i, candidates.files.length, path);
      try {
        const old = known.get(path);
        indexed.push(old !== undefined && (await isUnchanged(old)) ? old : await indexFile(path, options));
      } catch (error) {
        if (!(error instanceof UserError) || error.code === "cancelled" || !candidates.isFolder) throw error;
        refused.push(refusal(path, error instanceof FileError ? error.what : error.message));
      }
    }
    return new OpenRoot(root, candidates, indexed, refused);
  }

  find({ file, id }: Pick<TrajectoryRef, "file" | "id">): Found | null {
    const index = this.files.find(({ path }) => path === file);
    const row = index?.table.rowOf(id);
    if (index === undefined || row === undefined) return null;
    for (const run of this.runs) {
      if (!run.files.has(index)) continue;
      for (const batch of run.batches) {
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
        trajectories: batches.reduce((n, { members }) => n + members.length, 0),
        batches: batches.length,
        trainSteps: new Set(batches.flatMap(({ key }) => key.trainStep ?? [])).size,
      })),
      issues: [...this.refused, ...damaged],
      skipped: this.skipped,
    };
  }
}

export interface RootOptions extends IndexOptions {
  /** A file is about to be read. */
  readonly onFile?: (index: number, of: number, path: string) => void;
}

/** True while a file is the one that was indexed, by its size, time and inode, and so are those it was read with. */
export async function isUnchanged({
  path,
  stamp,
  beside,
}: Pick<FileIndex, "path" | "stamp" | "beside">): Promise<boolean> {
  for (const one of [{ path, stamp }, ...beside]) {
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
