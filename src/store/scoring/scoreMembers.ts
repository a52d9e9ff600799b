import { scoreTextOf } from "../../core/head/scoreText.ts";
import type { Segmentation } from "../../core/rollout/segment.ts";
import type {
  LoadedModel,
  LoadOptions,
  ScoredEntry,
  ScoredItem,
  ScoreItem,
  ScoreSource,
} from "../../protocol/scorer.ts";
import { UserError } from "../../protocol/userError.ts";
import { loadTrajectories } from "../loadTrajectories.ts";
import type { Member } from "../runBatch.ts";

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
  /** Of `done`: those with which the scorer's process died four times, each by itself, or for which there is too little memory. */
  failed: number;
  /** Tokens that went through the model, cached ones not counted. */
  tokens: number;
}

export interface ScoreWork {
  readonly source: ScoreSource;
  readonly options: LoadOptions;
  readonly segmentation: Segmentation | undefined;
  readonly signal: AbortSignal;
  /** After scores are kept, and for members that need none. */
  onChunk(members: readonly Member[], tally: ScoreTally): void;
}

/**
 * Rollouts of a call: few at first, so that those that are looked at come soon, then twice as many each time, so that they are
 * read before the last ones are computed, up to enough for full runs of the model.
 */
const firstRollouts = 64;
const mostRollouts = 512;
/** Characters of a call's items, so that long rollouts do not fill the memory. */
const mostCharacters = 4_000_000;
/** Rollouts that are read at a time. */
const readAtOnce = 64;
/** Calls under way: while one is computed, the next is read. */
const mostUnderWay = 2;

/**
 * Scores members in their order and keeps the results as they come; what is kept already is only counted. Nothing that was
 * scored is lost when it ends early: whoever starts again finds what was kept.
 * @throws UserError `cancelled`; `scorer/exited` when the processes keep dying; what is wrong with the model
 */
export async function scoreMembers(members: readonly Member[], work: ScoreWork): Promise<ScoreTally> {
  const tally: ScoreTally = {
    total: members.length,
    done: 0,
    cached: 0,
    empty: 0,
    windowed: 0,
    failed: 0,
    tokens: 0,
  };
  const run = new MemberRun(members, work, tally);
  await scoreAll(run);
  // Once at most: what takes a GPU's place is the CPU.
  const lost = run.lost();
  tally.done -= lost.length;
  if (lost.length > 0) await scoreAll(new MemberRun(lost, work, tally));
  return tally;
}

async function scoreAll(run: MemberRun): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for (
    let most = firstRollouts;
    !run.isRead && failures.length === 0;
    most = Math.min(2 * most, mostRollouts)
  ) {
    if (underWay.size >= mostUnderWay) await Promise.race(underWay);
    try {
      const wanted = await run.read(most);
      const scoring = run
        .score(wanted)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => underWay.delete(scoring));
      underWay.add(scoring);
    } catch (error) {
      failures.push(error);
    }
  }
  await Promise.all(underWay);
  if (failures.length > 0) throw failures[0];
}

/** A text to be scored, and what it is kept by. */
interface Wanted {
  readonly key: string;
  readonly item: ScoreItem;
}

/** The scoring of many members. */
class MemberRun {
  readonly #members: readonly Member[];
  readonly #work: ScoreWork;
  readonly tally: ScoreTally;
  /** Members of each text that is under way: equal texts are scored once. */
  readonly #membersOf = new Map<string, Member[]>();
  /** Members of each text that a GPU scored: they are scored again should it turn out to be wrong. */
  readonly #onGpu = new Map<string, readonly Member[]>();
  #at = 0;

  constructor(members: readonly Member[], work: ScoreWork, tally: ScoreTally) {
    this.#members = members;
    this.#work = work;
    this.tally = tally;
  }

  /** Members whose scores are kept no longer. */
  lost(): readonly Member[] {
    return [...this.#onGpu].flatMap(([key, members]) => (this.#work.source.has(key) ? [] : members));
  }

  get isRead(): boolean {
    return this.#at === this.#members.length;
  }

  /** Reads on until there is enough for a call. @throws UserError `cancelled` */
  async read(most: number): Promise<readonly Wanted[]> {
    const wanted: Wanted[] = [];
    let characters = 0;
    while (!this.isRead && wanted.length < most && characters < mostCharacters) {
      if (this.#work.signal.aborted) throw cancelled();
      const chunk = this.#members.slice(this.#at, this.#at + Math.min(readAtOnce, most - wanted.length));
      this.#at += chunk.length;
      for (const one of await this.#wantedOf(chunk)) {
        wanted.push(one);
        characters += one.item.parts.reduce((sum, { text }) => sum + text.length, one.item.prompt.length);
      }
    }
    return wanted;
  }

  /** Scores texts and keeps each as it comes. */
  async score(wanted: readonly Wanted[]): Promise<void> {
    if (wanted.length === 0) return;
    const { source, options, signal } = this.#work;
    let kept: Promise<void> = Promise.resolve();
    const onScored = (scored: readonly ScoredEntry[]): void => {
      kept = kept.then(() => this.#keep(scored.map(([i, item]) => [wanted[i]!.key, item])));
      // It is awaited below.
      kept.catch(() => {});
    };
    try {
      await source.score(
        wanted.map(({ item }) => item),
        options,
        signal,
        onScored,
      );
    } finally {
      await kept;
    }
  }

  /** Counts what needs no scoring. @returns the rest, each text once */
  async #wantedOf(chunk: readonly Member[]): Promise<readonly Wanted[]> {
    const { source, segmentation } = this.#work;
    const wanted: Wanted[] = [];
    const done: Member[] = [];
    (await loadTrajectories(chunk)).forEach(({ trajectory }, i) => {
      const member = chunk[i]!;
      const { item } = scoreTextOf(trajectory, source.scorer, segmentation);
      const key = source.keyOf(item);
      const isEmpty = item.parts.length === 0;
      const others = this.#membersOf.get(key);
      if (isEmpty || source.has(key)) {
        this.tally[isEmpty ? "empty" : "cached"]++;
        done.push(member);
      } else if (others === undefined) {
        this.#membersOf.set(key, [member]);
        wanted.push({ key, item });
      } else {
        others.push(member);
      }
    });
    this.tally.done += done.length;
    if (done.length > 0) this.#work.onChunk(done, this.tally);
    return wanted;
  }

  async #keep(scored: readonly (readonly [key: string, item: ScoredItem | null])[]): Promise<void> {
    const { source } = this.#work;
    await source.keep(scored.flatMap(([key, item]) => (item === null ? [] : [[key, item] as const])));
    const done: Member[] = [];
    for (const [key, item] of scored) {
      const members = this.#membersOf.get(key)!;
      this.#membersOf.delete(key);
      if (item?.onGpu === true) this.#onGpu.set(key, members);
      done.push(...members);
      if (item === null) this.tally.failed += members.length;
      this.tally.tokens += item?.tokens ?? 0;
      if (item !== null && item.windows > 1) this.tally.windowed++;
    }
    this.tally.done += done.length;
    this.#work.onChunk(done, this.tally);
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
