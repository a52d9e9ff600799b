import type { TrajectorySummary } from "../core/rollout/summary.ts";
import type { Split } from "../core/rollout/trajectory.ts";
import type { BatchKey } from "../protocol/store.ts";
import type { FileIndex } from "./fileIndex.ts";

/** A trajectory of a run: its file's index and its row there. */
export interface Member {
  readonly file: FileIndex;
  readonly row: number;
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

/**
 * The runs of a root's files. A file or folder is one run unless its trajectories carry `run`. Trajectories without a
 * train step make one batch a file; groups are keyed inside a batch, and a rollout without a group is one of its own.
 */
export function runsOf(root: string, files: readonly FileIndex[]): readonly Run[] {
  const runs = new Map<string, RunBuilder>();
  for (const file of files) {
    for (let row = 0; row < file.table.length; row++) {
      const summary = file.table.summary(row);
      const name = summary.run ?? root;
      let run = runs.get(name);
      if (run === undefined) runs.set(name, (run = new RunBuilder(root, name)));
      run.add(file, row, summary);
    }
  }
  return [...runs.values()].map((run) => run.done());
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

  constructor(root: string, run: string) {
    this.#root = root;
    this.#run = run;
  }

  add(file: FileIndex, row: number, summary: TrajectorySummary): void {
    const { trainStep, split, group, id } = summary;
    this.#files.add(file);
    const batch = this.#batch(trainStep, split, trainStep === null ? file.path : null);
    const member = { file, row };
    batch.members.push(member);
    // A rollout without a group shares it with no other, whatever its id is in another file; equal prompts make a
    // group in one file only, as two dumps of a step are two samplings.
    const key =
      group === null
        ? `-${file.path}\n${id}`
        : summary.groupSource === "same-prompt"
          ? `=${file.path}\n${group}`
          : `+${group}`;
    const known = batch.groups.get(key);
    if (known === undefined) batch.groups.set(key, { key, group, members: [member] });
    else known.members.push(member);
  }

  done(): Run {
    const batches = [...this.#batches.values()].map(({ key, members, groups }) => ({
      key,
      members,
      groups: [...groups.values()],
    }));
    batches.sort(
      (a, b) => (a.key.trainStep ?? 0) - (b.key.trainStep ?? 0) || a.key.split.localeCompare(b.key.split),
    );
    return { run: this.#run, files: this.#files, batches };
  }

  #batch(trainStep: number | null, split: Split, file: string | null): OpenBatch {
    const name = `${split} ${trainStep} ${file}`;
    let batch = this.#batches.get(name);
    if (batch === undefined) {
      const key = { root: this.#root, run: this.#run, trainStep, split, file };
      this.#batches.set(name, (batch = { key, members: [], groups: new Map() }));
    }
    return batch;
  }
}

export function sameBatch(a: BatchKey, b: BatchKey): boolean {
  return a.run === b.run && a.trainStep === b.trainStep && a.split === b.split && a.file === b.file;
}
