import type { BatchKey } from "../protocol/store.ts";
import type { FileIndex } from "./fileIndex.ts";
import { type Absorbed, nothingAbsorbed, RunBatch } from "./runBatch.ts";

export interface Run {
  readonly run: string;
  readonly files: ReadonlySet<FileIndex>;
  readonly batches: readonly RunBatch[];
}

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
    const { table } = file;
    const asks = absorbed.concerns(file);
    let batch: RunBatch | null = null;
    for (let row = 0; row < table.length; row++) {
      // Neighbours are mostly of one batch: millions of rows are compared here each time a file has grown.
      if (row > 0 && !table.isBatchOf(row, row - 1)) batch = null;
      if (asks && absorbed.has(file, row)) continue;
      if (batch === null) {
        const { run: name, trainStep, split } = table.placing(row);
        let run = runs.get(name ?? root);
        if (run === undefined) runs.set(name ?? root, (run = new RunBuilder(root, name ?? root, absorbed)));
        batch = run.batch(file, { trainStep, split, file: trainStep === null ? file.path : null });
      }
      batch.push(file, row);
    }
  }
  const old = new Map(before.map((run) => [run.run, run]));
  return [...runs].map(([name, run]) => run.done(old.get(name)));
}

class RunBuilder {
  readonly #root: string;
  readonly #run: string;
  readonly #absorbed: Absorbed;
  readonly #files = new Set<FileIndex>();
  readonly #batches = new Map<string, RunBatch>();

  constructor(root: string, run: string, absorbed: Absorbed) {
    this.#root = root;
    this.#run = run;
    this.#absorbed = absorbed;
  }

  /** The batch of a row of a file. */
  batch(file: FileIndex, place: Pick<BatchKey, "trainStep" | "split" | "file">): RunBatch {
    this.#files.add(file);
    const key = { root: this.#root, run: this.#run, ...place };
    const name = nameOf(key);
    let batch = this.#batches.get(name);
    if (batch === undefined) this.#batches.set(name, (batch = new RunBatch(key, this.#absorbed)));
    return batch;
  }

  done(before: Run | undefined): Run {
    const old = new Map(before?.batches.map((batch) => [nameOf(batch.key), batch]));
    const batches = [...this.#batches.values()].map((batch) => {
      const known = old.get(nameOf(batch.key));
      return known?.isSameAs(batch) === true ? known : batch;
    });
    batches.sort(
      (a, b) => (a.key.trainStep ?? 0) - (b.key.trainStep ?? 0) || a.key.split.localeCompare(b.key.split),
    );
    return { run: this.#run, files: this.#files, batches };
  }
}

function nameOf({ trainStep, split, file }: BatchKey): string {
  return `${split} ${trainStep} ${file}`;
}

export function sameBatch(a: BatchKey, b: BatchKey): boolean {
  return a.run === b.run && a.trainStep === b.trainStep && a.split === b.split && a.file === b.file;
}
