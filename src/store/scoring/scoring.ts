import type { Answers } from "../../core/head/modelQuestion.ts";
import { scoreTextOf } from "../../core/head/scoreText.ts";
import type { Segmentation } from "../../core/rollout/segment.ts";
import type { Trajectory } from "../../core/rollout/trajectory.ts";
import type { DryRunOfRollout } from "../../protocol/dryRun.ts";
import type {
  ComparisonProgress,
  ComparisonRequest,
  GraphComparison,
} from "../../protocol/graphComparison.ts";
import type { ModelDescription } from "../../protocol/modelDescription.ts";
import type { LoadedModel, LoadOptions, ModelChoice, Scorers, ScoreSource } from "../../protocol/scorer.ts";
import type { ScoreReport, ScoreRequest, ScoringProgress } from "../../protocol/scoring.ts";
import { UserError } from "../../protocol/userError.ts";
import type { OpenRoot } from "../openRoot.ts";
import type { Member, RunBatch } from "../runBatch.ts";
import { compareGraphs } from "./compareGraphs.ts";
import { loadPatiently, scoreMembers, type ScoreTally, type ScoreWork } from "./scoreMembers.ts";

/** What a scoring needs to know beside its request. */
export interface ScoringContext {
  readonly root: OpenRoot;
  readonly segmentation: Segmentation | undefined;
  readonly signal: AbortSignal;
  /** New scores of a batch are kept: what was made of it before is old. */
  onReady(batches: readonly RunBatch[]): void;
  onProgress(progress: ScoringProgress): void;
}

/** What a comparison of graphs needs to know beside its request. */
export interface ComparisonContext {
  readonly root: OpenRoot;
  readonly segmentation: Segmentation | undefined;
  readonly signal: AbortSignal;
  onProgress(progress: ComparisonProgress): void;
}

/** How one rollout is read. */
export interface DryReading {
  readonly segmentation: Segmentation | undefined;
  readonly options: LoadOptions;
  readonly signal: AbortSignal;
}

/** Milliseconds between two words of progress. */
const progressMs = 1000;

/** The scorers whose scores are shown, and the making of new ones, one scoring at a time. */
export class Scoring {
  readonly #scorers: Scorers | null;
  #sources: readonly ScoreSource[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  /** @param scorers null where nothing can be scored */
  constructor(scorers: Scorers | null) {
    this.#scorers = scorers;
  }

  /** Scorers whose kept scores are shown, the preferred one first. */
  get sources(): readonly ScoreSource[] {
    return this.#sources;
  }

  /** Shows the scores of these models. @returns what is wrong with those that cannot be used */
  async show(folders: readonly string[]): Promise<readonly string[]> {
    const problems: string[] = [];
    const sources: ScoreSource[] = [];
    for (const folder of folders) {
      try {
        sources.push(await this.#open(folder));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        problems.push(error.message);
      }
    }
    this.#sources = sources;
    return problems;
  }

  async choices(folders: readonly string[]): Promise<readonly ModelChoice[]> {
    return this.#scorers === null ? [] : this.#scorers.list(folders);
  }

  /** What a model's files say of it. @throws UserError */
  async describe(path: string, answers: Answers): Promise<ModelDescription> {
    if (this.#scorers === null) throw withoutScorers();
    return this.#scorers.describe(path, answers);
  }

  /** What a model reads of one rollout. @throws UserError */
  async dryRun(trajectory: Trajectory, folder: string, read: DryReading): Promise<DryRunOfRollout> {
    if (this.#scorers === null) throw withoutScorers();
    const { scorer } = await this.#scorers.open(folder);
    const text = scoreTextOf(trajectory, scorer, read.segmentation);
    if (text.item.parts.length === 0)
      throw new UserError("scorer/empty", "The policy wrote nothing in this rollout that could be scored.");
    return this.#scorers.dryRun(folder, text, read.options, read.signal);
  }

  /** @throws UserError `cancelled`, or what is wrong with the model or its process */
  score(request: ScoreRequest, context: ScoringContext): Promise<ScoreReport> {
    const report = this.#turn.then(() => this.#score(request, context));
    this.#turn = report.catch(() => {});
    return report;
  }

  /** Holds the graphs of a model's folder against each other, after what is being scored. @throws UserError */
  compare(request: ComparisonRequest, context: ComparisonContext): Promise<GraphComparison> {
    const compared = this.#turn.then(() => this.#compare(request, context));
    this.#turn = compared.catch(() => {});
    return compared;
  }

  async #compare(request: ComparisonRequest, context: ComparisonContext): Promise<GraphComparison> {
    if (this.#scorers === null) throw withoutScorers();
    const { root, folder, limit, device, threads } = request;
    const { segmentation, signal } = context;
    let told = 0;
    return compareGraphs(membersOf(context.root), {
      scorers: this.#scorers,
      folder,
      options: { device, threads },
      segmentation,
      limit,
      signal,
      onProgress: (graph, done, total) => {
        if (done > 0 && done < total && performance.now() - told < progressMs) return;
        told = performance.now();
        context.onProgress({ root, folder, graph, done, total });
      },
    });
  }

  async #score(request: ScoreRequest, context: ScoringContext): Promise<ScoreReport> {
    const source = await this.#open(request.folder);
    await source.refresh();
    this.#sources = [source, ...this.#sources.filter(({ folder }) => folder !== source.folder)];
    const started = performance.now();
    const members = new WantedMembers(context.root, request.first);
    const tally: { latest: ScoreTally | null } = { latest: null };
    const options = { device: request.device, threads: request.threads };
    let loaded: LoadedModel | null = null;
    const told = new Teller(context, (batches, { done, total, tokens }) => ({
      root: request.root,
      folder: source.folder,
      model: source.scorer.id,
      done,
      total,
      tokens,
      seconds: (performance.now() - started) / 1000,
      device: loaded?.device ?? "cpu",
      ready: batches.map(({ key }) => key),
    }));
    const work: ScoreWork = {
      source,
      options,
      segmentation: context.segmentation,
      signal: context.signal,
      onChunk: (chunk, latest) => {
        tally.latest = latest;
        told.tell(members.ready(chunk), latest);
      },
    };
    try {
      loaded = await loadPatiently(work);
      const { total: trajectories, ...counts } = await scoreMembers(members.ordered, work);
      const seconds = (performance.now() - started) / 1000;
      const { cached, empty, windowed, failed, tokens } = counts;
      // A GPU that was wrong about this log's texts has given way to the CPU.
      loaded = await source.load(options, context.signal).catch(() => loaded!);
      const { device, note, selfCheck } = loaded;
      return {
        model: source.scorer.id,
        trajectories,
        cached,
        empty,
        windowed,
        failed,
        tokens,
        seconds,
        device,
        note,
        selfCheck,
      };
    } finally {
      if (tally.latest !== null) told.flush(members.touched(), tally.latest);
    }
  }

  #open(folder: string): Promise<ScoreSource> {
    if (this.#scorers === null)
      throw new UserError(
        "scorer/none",
        "This build of RewardLens holds no scorer. Install the one for this platform.",
      );
    return this.#scorers.open(folder);
  }
}

/** The rollouts of a root in the order they are scored, and which of their train steps are done. */
class WantedMembers {
  readonly ordered: readonly Member[];
  readonly #left = new Map<RunBatch, number>();
  readonly #batchOf = new Map<Member, RunBatch>();
  readonly #first: Member | null;
  readonly #touched = new Set<RunBatch>();

  constructor(root: OpenRoot, first: ScoreRequest["first"]) {
    const found = first === null ? null : root.find(first);
    this.#first = found?.member ?? null;
    const batches = root.runs.flatMap(({ batches: ofRun }) => ofRun);
    for (const batch of batches) {
      this.#left.set(batch, batch.members.length);
      for (const member of batch.members) this.#batchOf.set(member, batch);
    }
    const wanted = found === null ? [] : [found.member, ...found.group.members, ...found.batch.members];
    this.ordered = [...new Set([...wanted, ...batches.flatMap(({ members }) => members)])];
  }

  /** Batches that a chunk completed, and that of the rollout which was wanted first. */
  ready(chunk: readonly Member[]): readonly RunBatch[] {
    const ready = new Set<RunBatch>();
    for (const member of chunk) {
      const batch = this.#batchOf.get(member)!;
      const left = this.#left.get(batch)! - 1;
      this.#left.set(batch, left);
      this.#touched.add(batch);
      if (left === 0 || member === this.#first) ready.add(batch);
    }
    for (const batch of ready) if (this.#left.get(batch) === 0) this.#touched.delete(batch);
    return [...ready];
  }

  /** Batches with some new scores that were not told yet. */
  touched(): readonly RunBatch[] {
    return [...this.#touched];
  }
}

/** Tells of progress, but not more often than anybody can see. */
class Teller {
  readonly #context: ScoringContext;
  readonly #word: (ready: readonly RunBatch[], tally: ScoreTally) => ScoringProgress;
  #ready: RunBatch[] = [];
  #at = -Infinity;

  constructor(
    context: ScoringContext,
    word: (ready: readonly RunBatch[], tally: ScoreTally) => ScoringProgress,
  ) {
    this.#context = context;
    this.#word = word;
  }

  tell(ready: readonly RunBatch[], tally: ScoreTally): void {
    this.#ready.push(...ready);
    if (performance.now() - this.#at < progressMs) return;
    this.flush([], tally);
  }

  flush(ready: readonly RunBatch[], tally: ScoreTally): void {
    const batches = [...new Set([...this.#ready, ...ready])];
    this.#ready = [];
    this.#at = performance.now();
    this.#context.onReady(batches);
    this.#context.onProgress(this.#word(batches, tally));
  }
}

function membersOf({ runs }: OpenRoot): readonly Member[] {
  return runs.flatMap(({ batches }) => batches.flatMap(({ members }) => members));
}

function withoutScorers(): UserError {
  return new UserError("scorer/none", "Nothing can be scored here.");
}
