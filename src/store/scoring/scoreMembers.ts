import { setTimeout } from "node:timers/promises";
import { scoreTextOf } from "../../core/head/scoreText.ts";
import type { Segmentation } from "../../core/rollout/segment.ts";
import type { LoadedModel, LoadOptions, ScoredItem, ScoreItem, ScoreSource } from "../../protocol/scorer.ts";
import { UserError } from "../../protocol/userError.ts";
import { loadTrajectories } from "../loadTrajectories.ts";
import type { Member } from "../run.ts";

/** How far a scoring is. Trajectories are counted once they are kept. */
export interface ScoreTally {
  readonly total: number;
  done: number;
  /** Of `done`: found in the cache. */
  cached: number;
  /** Of `done`: without a word to score. */
  empty: number;
  /** Of `done`: longer than the model takes, and read in windows. */
  windowed: number;
  /** Of `done`: those that killed the scorer's process twice, each by itself. */
  failed: number;
  /** Tokens that went through the model, cached ones not counted. */
  tokens: number;
}

export interface ScoreWork {
  readonly source: ScoreSource;
  readonly options: LoadOptions;
  readonly segmentation: Segmentation | undefined;
  readonly signal: AbortSignal;
  /** After each chunk that is kept. */
  onChunk(members: readonly Member[], tally: ScoreTally): void;
}

/** Rollouts sent at a time: enough for full runs of the model, few enough that results come as they are made. */
const chunkSize = 64;
/** Chunks under way: while one is computed, the next is read and tokenised. */
const mostUnderWay = 2;
/** Deaths of the scorer's process without a result in between, after which scoring gives up. */
const mostDeaths = 4;
const backOffMs = 200;

/**
 * Scores members in their order and keeps the results; what is kept already is only counted. Nothing is lost when it
 * ends early: whoever starts again finds what was kept.
 * @throws UserError `cancelled`; `scorer/exited` when the process keeps dying; what is wrong with the model
 */
export async function scoreMembers(members: readonly Member[], work: ScoreWork): Promise<ScoreTally> {
  const tally = { total: members.length, done: 0, cached: 0, empty: 0, windowed: 0, failed: 0, tokens: 0 };
  const scorer = new PatientScorer(work);
  const underWay = new Set<Promise<void>>();
  try {
    for (let from = 0; from < members.length; from += chunkSize) {
      if (underWay.size >= mostUnderWay) await Promise.race(underWay);
      if (work.signal.aborted) throw cancelled();
      const chunk = members.slice(from, from + chunkSize);
      const running = scoreChunk(chunk, { work, scorer, tally }).finally(() => underWay.delete(running));
      // It is awaited below; until then a failure must not be an unhandled one.
      running.catch(() => {});
      underWay.add(running);
    }
    await Promise.all(underWay);
  } finally {
    await Promise.allSettled(underWay);
  }
  return tally;
}

interface ChunkWork {
  readonly work: ScoreWork;
  readonly scorer: PatientScorer;
  readonly tally: ScoreTally;
}

async function scoreChunk(chunk: readonly Member[], { work, scorer, tally }: ChunkWork): Promise<void> {
  const { source, segmentation } = work;
  const loaded = await loadTrajectories(chunk);
  const wanted = new Map<string, ScoreItem>();
  let cached = 0;
  let empty = 0;
  for (const { trajectory } of loaded) {
    const { prompt, parts } = scoreTextOf(trajectory, source.manifest, segmentation);
    const item = { prompt, parts: parts.map(({ kind, text }) => ({ kind, text })) };
    const key = source.keyOf(item);
    if (parts.length === 0) empty++;
    else if (source.has(key)) cached++;
    else wanted.set(key, item);
  }
  const keys = [...wanted.keys()];
  const scored = await scorer.score([...wanted.values()]);
  const kept = scored.flatMap((item, i) => (item === null ? [] : [[keys[i]!, item] as const]));
  await source.keep(kept);
  tally.done += chunk.length;
  tally.cached += cached;
  tally.empty += empty;
  tally.failed += keys.length - kept.length;
  for (const [, item] of kept) {
    tally.tokens += item.tokens;
    if (item.windows > 1) tally.windowed++;
  }
  work.onChunk(chunk, tally);
}

/** Scores although the process may die: items are tried again, then one by one, and the one that kills it is left out. */
class PatientScorer {
  readonly #work: ScoreWork;
  #deaths = 0;

  constructor(work: ScoreWork) {
    this.#work = work;
  }

  /** Null for an item that killed the process twice when it was alone. */
  async score(items: readonly ScoreItem[]): Promise<readonly (ScoredItem | null)[]> {
    if (items.length === 0) return [];
    const { source, options, signal } = this.#work;
    for (let tries = 1; ; tries++) {
      try {
        const scored = await source.score(items, options, signal);
        this.#deaths = 0;
        return scored;
      } catch (error) {
        if (!(error instanceof UserError) || error.code !== "scorer/exited" || signal.aborted) throw error;
        if (tries === 2) return items.length === 1 ? [null] : this.#oneByOne(items);
        if (++this.#deaths > mostDeaths) throw error;
        await setTimeout(backOffMs * this.#deaths);
      }
    }
  }

  async #oneByOne(items: readonly ScoreItem[]): Promise<readonly (ScoredItem | null)[]> {
    const scored: (ScoredItem | null)[] = [];
    for (const item of items) scored.push(...(await this.score([item])));
    return scored;
  }
}

/** The model, ready; a process that dies while it loads is tried once more. */
export async function loadPatiently({ source, options, signal }: ScoreWork): Promise<LoadedModel> {
  try {
    return await source.load(options, signal);
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== "scorer/exited") throw error;
    return source.load(options, signal);
  }
}

function cancelled(): UserError {
  return new UserError("cancelled", "Cancelled");
}
