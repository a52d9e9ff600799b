import type { Batch } from "../core/credit/batchCredit.ts";
import { makeBatch } from "../core/credit/engine.ts";
import { stepsOf, type Segmentation } from "../core/rollout/segment.ts";
import type { ScoreSource } from "../protocol/scorer.ts";
import { type Loaded, loadTrajectories } from "./loadTrajectories.ts";
import type { OpenRoot } from "./openRoot.ts";
import type { Member, RunBatch } from "./runBatch.ts";
import { withKnownScores } from "./scoring/knownScores.ts";

/** What trajectories are read with. */
export interface Reading {
  readonly segmentation?: Segmentation | undefined;
  /** Scorers whose kept scores are shown. */
  readonly sources?: readonly ScoreSource[];
}

/** A batch whose trajectories are parsed, ready for any method. */
export interface LoadedBatch {
  readonly batch: Batch;
  readonly loaded: readonly Loaded[];
  indexOf(member: Member): number;
}

/** Bytes of records whose parsed batches are kept. Parsed columns are a few times as large. */
const mostBytes = 256 * 2 ** 20;

/** Parsed batches, the latest used last; the oldest go when there are too many bytes of them. */
export class BatchCache {
  readonly #kept = new Map<RunBatch, { readonly bytes: number; readonly batch: Promise<LoadedBatch> }>();

  async get(run: RunBatch, reading: Reading = {}): Promise<LoadedBatch> {
    const known = this.#kept.get(run);
    if (known !== undefined) {
      this.#kept.delete(run);
      this.#kept.set(run, known);
      return known.batch;
    }
    const batch = load(run, reading);
    this.#kept.set(run, { bytes: bytesOf(run), batch });
    batch.catch(() => this.#kept.delete(run));
    this.#shrink();
    return batch;
  }

  /** A trajectory of a batch that is parsed already; undefined otherwise. */
  async peek(run: RunBatch, member: Member): Promise<Loaded | undefined> {
    const known = await this.#kept.get(run)?.batch;
    return known?.loaded[known.indexOf(member)];
  }

  /** Drops one batch: something about its trajectories changed. */
  drop(run: RunBatch): void {
    this.#kept.delete(run);
  }

  /** Drops the batches of a root that are not what it holds any more. */
  keep({ root, runs }: Pick<OpenRoot, "root" | "runs">): void {
    const held = new Set(runs.flatMap(({ batches }) => batches));
    for (const run of this.#kept.keys()) if (run.key.root === root && !held.has(run)) this.#kept.delete(run);
  }

  /** Drops the batches of a root. */
  forget(root: string): void {
    for (const run of this.#kept.keys()) if (run.key.root === root) this.#kept.delete(run);
  }

  clear(): void {
    this.#kept.clear();
  }

  #shrink(): void {
    let total = 0;
    for (const { bytes } of this.#kept.values()) total += bytes;
    for (const [run, { bytes }] of this.#kept) {
      if (total <= mostBytes || this.#kept.size === 1) return;
      this.#kept.delete(run);
      total -= bytes;
    }
  }
}

async function load(run: RunBatch, { segmentation, sources = [] }: Reading): Promise<LoadedBatch> {
  const loaded = await withKnownScores(await loadTrajectories(run.members), sources, segmentation);
  const keys = new Map<Member, string | null>();
  for (const { key, group, members } of run.groups)
    for (const member of members) keys.set(member, group === null ? null : key);
  const members = run.members.map((member, i) => ({
    trajectory: loaded[i]!.trajectory,
    groupKey: keys.get(member) ?? null,
  }));
  return {
    batch: makeBatch(members, { stepsOf: (turn) => stepsOf(turn, segmentation) }),
    loaded,
    indexOf: (member) => run.indexOf(member),
  };
}

function bytesOf(run: RunBatch): number {
  return run.members.reduce((sum, { file, row }) => {
    const { from, to } = file.table.place(row).locator;
    return sum + to - from;
  }, 0);
}
