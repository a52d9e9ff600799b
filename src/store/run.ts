import type { Split } from "../core/rollout/trajectory.ts";
import type { BatchKey } from "../protocol/store.ts";
import type { FileIndex } from "./fileIndex.ts";
import type { Placing } from "./summaryTable.ts";

/** A trajectory of a run: its file's index and its row there. */
export interface Member {
  readonly file: FileIndex;
  readonly row: number;
  /** What another file holds of the same trajectory: its token columns are added when it is read. */
  readonly half?: Member;
}

/** Rollouts of one prompt at one train step, in log order. `key` is unique in its batch. */
export interface Group {
  readonly key: string;
  readonly group: string | null;
  readonly members: readonly Member[];
}

/** Trajectories of one (run, train step, split): what credit is computed over. */
export interface RunBatch {
  readonly key: BatchKey;
  readonly groups: readonly Group[];
  readonly members: readonly Member[];
}

export interface Run {
  readonly run: string;
  readonly files: ReadonlySet<FileIndex>;
  readonly batches: readonly RunBatch[];
}

/** Rows that are no members of their own, by file: what another file says better, or half of another trajectory. */
export interface Absorbed {
  has(file: FileIndex, row: number): boolean;
  halfOf(file: FileIndex, row: number): Member | undefined;
}

const nothingAbsorbed: Absorbed = { has: () => false, halfOf: () => undefined };

/**
 * The runs of a root's files. A file or folder is one run unless its trajectories carry `run`. Trajectories without a
 * train step make one batch a file; groups are keyed inside a batch, and a rollout without a group is one of its own.
 * @param before the runs before the files grew: batches that are what they were are the same objects, so that what was
 * computed of them still holds
 */
export function runsOf(
  root: string,
  files: readonly FileIndex[],
  absorbed: Absorbed = nothingAbsorbed,
  before: readonly Run[] = [],
): readonly Run[] {
  const runs = new Map<string, RunBuilder>();
  for (const file of files) {
    const blocks = new Blocks();
    for (let row = 0; row < file.table.length; row++) {
      const placing = file.table.placing(row);
      const block = blocks.of(placing);
      if (absorbed.has(file, row)) continue;
      const name = placing.run ?? root;
      let run = runs.get(name);
      if (run === undefined) runs.set(name, (run = new RunBuilder(root, name)));
      const half = absorbed.halfOf(file, row);
      run.add(half === undefined ? { file, row } : { file, row, half }, placing, block);
    }
  }
  const old = new Map(before.map((run) => [run.run, run]));
  return [...runs].map(([name, run]) => run.done(old.get(name)));
}

/** Numbers the stretches of rows with one group, for groups that only rows in a stretch make. */
class Blocks {
  #last: string | null = null;
  #n = 0;

  of({ group, groupSource }: Placing): number {
    const here = groupSource === "contiguous" ? group : null;
    if (here !== this.#last) {
      this.#last = here;
      this.#n++;
    }
    return this.#n;
  }
}

interface OpenBatch {
  readonly key: BatchKey;
  readonly members: Member[];
  readonly groups: Map<
    string,
    { readonly key: string; readonly group: string | null; readonly members: Member[] }
  >;
}

class RunBuilder {
  readonly #root: string;
  readonly #run: string;
  readonly #files = new Set<FileIndex>();
  readonly #batches = new Map<string, OpenBatch>();
  #last: {
    readonly file: FileIndex | null;
    readonly group: string | null;
    readonly source: string;
    readonly block: number;
    readonly key: string;
  } = { file: null, group: null, source: "", block: 0, key: "" };
  #lastBatch: OpenBatch | null = null;

  constructor(root: string, run: string) {
    this.#root = root;
    this.#run = run;
  }

  add(member: Member, placing: Placing, block: number): void {
    const { file } = member;
    const { trainStep, split } = placing;
    this.#files.add(file);
    const batch = this.#batch(trainStep, split, trainStep === null ? file.path : null);
    batch.members.push(member);
    const key = this.#groupKey(member, placing, block);
    const known = batch.groups.get(key);
    if (known === undefined) batch.groups.set(key, { key, group: placing.group, members: [member] });
    else known.members.push(member);
  }

  /** Members of a group mostly follow each other, so that its key is made once. */
  #groupKey({ file, row }: Member, placing: Placing, block: number): string {
    const last = this.#last;
    const isSame =
      placing.group !== null &&
      last.file === file &&
      last.group === placing.group &&
      last.source === placing.groupSource &&
      last.block === block;
    if (!isSame) {
      const id = placing.group === null ? file.table.id(row) : "";
      const key = groupKeyOf(file.path, placing, { block, id });
      this.#last = { file, group: placing.group, source: placing.groupSource, block, key };
    }
    return this.#last.key;
  }

  done(before: Run | undefined): Run {
    const old = new Map(before?.batches.map((batch) => [nameOf(batch.key), batch]));
    const batches = [...this.#batches.values()].map(({ key, members, groups }): RunBatch => {
      const known = old.get(nameOf(key));
      return known !== undefined && sameMembers(known.members, members)
        ? known
        : { key, members, groups: [...groups.values()] };
    });
    batches.sort(
      (a, b) => (a.key.trainStep ?? 0) - (b.key.trainStep ?? 0) || a.key.split.localeCompare(b.key.split),
    );
    return { run: this.#run, files: this.#files, batches };
  }

  #batch(trainStep: number | null, split: Split, file: string | null): OpenBatch {
    const last = this.#lastBatch?.key;
    if (last !== undefined && last.trainStep === trainStep && last.split === split && last.file === file)
      return this.#lastBatch!;
    return (this.#lastBatch = this.#otherBatch(trainStep, split, file));
  }

  #otherBatch(trainStep: number | null, split: Split, file: string | null): OpenBatch {
    const key = { root: this.#root, run: this.#run, trainStep, split, file };
    const name = nameOf(key);
    let batch = this.#batches.get(name);
    if (batch === undefined) this.#batches.set(name, (batch = { key, members: [], groups: new Map() }));
    return batch;
  }
}

/**
 * A rollout without a group shares it with no other, whatever its id is in another file; equal prompts, rows that follow
 * each other and lines make a group in one file only, as two dumps of a step are two samplings.
 */
function groupKeyOf(
  path: string,
  { group, groupSource }: Placing,
  { block, id }: { readonly block: number; readonly id: string },
): string {
  if (group === null) return `-${path}\n${id}`;
  switch (groupSource) {
    case "same-prompt":
    case "line":
      return `=${path}\n${group}`;
    case "contiguous":
      return `~${path}\n${block}\n${group}`;
    case "explicit":
    case "uid-prefix":
    case "none":
      return `+${group}`;
  }
}

/** The rows are the same ones: a file that grows keeps its index, one that is read anew has another. */
function sameMembers(a: readonly Member[], b: readonly Member[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ file, row, half }, i) => {
      const other = b[i]!;
      return row === other.row && file === other.file && half?.row === other.half?.row;
    })
  );
}

function nameOf({ trainStep, split, file }: BatchKey): string {
  return `${split} ${trainStep} ${file}`;
}

export function sameBatch(a: BatchKey, b: BatchKey): boolean {
  return a.run === b.run && a.trainStep === b.trainStep && a.split === b.split && a.file === b.file;
}
