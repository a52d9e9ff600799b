import { ParameterError } from "../core/credit/parameter.ts";
import { creditMethods } from "../core/credit/registry.ts";
import { laneChoices, shownLane } from "../core/credit/shownLane.ts";
import { FilterError } from "../core/rollout/filter.ts";
import { segmentByPattern, type Segmentation } from "../core/rollout/segment.ts";
import type { CallContext } from "../protocol/rpc.ts";
import type { Scorers } from "../protocol/scorer.ts";
import type { ScoreReport, ScoreRequest } from "../protocol/scoring.ts";
import type {
  CreditRequest,
  MethodChoice,
  StoreApi,
  StoreSettings,
  TrajectoryRef,
} from "../protocol/store.ts";
import { UserError } from "../protocol/userError.ts";
import { BatchCache, type LoadedBatch } from "./batchCache.ts";
import { makeCreditView, type Shown } from "./creditView.ts";
import { CurveStore } from "./curves/curveStore.ts";
import { compareMethods } from "./compareMethods.ts";
import { explain } from "./explain.ts";
import { identifyEstimator } from "./identifyEstimator.ts";
import type { IndexCache } from "./indexCache.ts";
import type { IndexThreads } from "./indexThreads.ts";
import { loadTrajectories } from "./loadTrajectories.ts";
import type { Found, OpenRoot } from "./openRoot.ts";
import { OpenRoots } from "./openRoots.ts";
import { batchRows, groupRows, rolloutRow, rolloutRows } from "./rows.ts";
import type { RunBatch } from "./runBatch.ts";
import { withKnownScores } from "./scoring/knownScores.ts";
import { Scoring } from "./scoring/scoring.ts";
import { Steady } from "./steady.ts";
import type { StoreTeller } from "./storeTeller.ts";
import { makeTrace, type Trace } from "./traceView.ts";

/** Handlers of the store's interface: the same functions, each with the call's context first. */
export type StoreHandlers = {
  readonly [K in keyof StoreApi]: StoreApi[K] extends (...args: infer A) => infer R
    ? (context: CallContext, ...args: A) => R
    : never;
};

export interface StoreOptions {
  readonly tell?: StoreTeller;
  /** What makes scores; without it nothing can be scored. */
  readonly scorers?: Scorers | null;
  /** Where indices of large logs are kept; without it they are made anew. */
  readonly cache?: IndexCache | null;
  /** What reads large logs in several threads; without it one thread does. */
  readonly threads?: IndexThreads | null;
}

/** Times what is shown is made anew for one question while settings or scores keep changing. */
const mostTries = 3;

/** What the store's worker does: keeps the opened roots and answers for them. Nothing is shared between two services. */
export class StoreService {
  readonly #roots: OpenRoots;
  readonly #batches = new BatchCache();
  readonly #curves = new CurveStore();
  readonly #traces = new Map<string, { readonly batch: RunBatch; readonly trace: Trace }>();
  readonly #scoring: Scoring;
  readonly #tell: StoreTeller;
  #segmentation: Segmentation | undefined;
  readonly #steady = new Steady(mostTries);

  constructor({ tell = () => {}, scorers = null, cache = null, threads = null }: StoreOptions = {}) {
    this.#tell = tell;
    const onRead = (root: OpenRoot): void => {
      this.#traces.clear();
      this.#batches.keep(root);
    };
    this.#roots = new OpenRoots({ tell, cache, threads, onRead });
    this.#scoring = new Scoring(scorers);
  }

  handlers(): StoreHandlers {
    return {
      open: ({ signal }, root) => this.#roots.open(root, signal),
      close: async (_, root) => this.#close(root),
      batches: async (_, root, run, query) =>
        this.#read(async () => batchRows(await this.#roots.run(root, run), query)),
      groups: async (_, key, query) => this.#read(async () => groupRows(await this.#roots.batch(key), query)),
      rollouts: async (_, key, group, query) =>
        this.#read(async () => rolloutRows(key.root, await this.#roots.group(key, group), query)),
      locate: async (_, ref) => {
        const { batch, group, member, index } = await this.#roots.find(ref);
        const row = rolloutRow(ref.root, member, index + 1);
        return { batch: batch.key, group: group.key, name: group.group, row };
      },
      latest: async (_, root) => (await this.#roots.root(root)).latest(),
      trace: async (_, ref) => (await this.#roots.fresh(ref, (found) => this.#trace(ref, found))).view,
      credit: async (_, ref, request) =>
        this.#withCredit(ref, request, ({ trace, shown, r }) =>
          makeCreditView(trace, shown, r, this.#segmentation),
        ),
      lanes: (_, ref, request) => this.#withCredit(ref, request, ({ run }) => laneChoices(run)),
      explain: async (_, ref, request, at) =>
        this.#withCredit(ref, request, ({ trace, run, shown, r, loaded }) =>
          explain(trace, at, { loaded, run, shown, r, ...this.#reading() }),
        ),
      methods: async (_, ref) => this.#roots.fresh(ref, (found) => this.#methods(found)),
      compare: ({ signal }, ref, request) =>
        this.#withCredit(ref, request, ({ trace, loaded, r }) =>
          compareMethods(request, { trace, loaded, r, segmentation: this.#segmentation, signal }),
        ),
      identify: ({ signal }, ref) =>
        this.#roots.fresh(ref, async ({ batch }) => {
          const loaded = await this.#batches.get(batch, this.#reading());
          return identifyEstimator(loaded.batch.members, signal);
        }),
      curves: async ({ signal }, root) => this.#curves.curves(await this.#roots.whole(root), signal),
      configure: async (_, settings) => this.#configure(settings),
      models: async (_, folders) => this.#scoring.choices(folders),
      describeModel: (_, path, answers) => this.#scoring.describe(path, answers),
      dryRun: ({ signal }, ref, folder, options) =>
        this.#roots.fresh(ref, async ({ member }) => {
          const [loaded] = await loadTrajectories([member]);
          const read = { segmentation: this.#segmentation, options, signal };
          return this.#scoring.dryRun(loaded!.trajectory, folder, read);
        }),
      score: ({ signal }, request) => this.#score(request, signal),
      compareGraphs: async ({ signal }, request) =>
        this.#scoring.compare(request, {
          root: await this.#roots.whole(request.root),
          segmentation: this.#segmentation,
          signal,
          onProgress: (progress) => this.#tell("comparing", progress),
        }),
    };
  }

  #close(root: string): void {
    this.#roots.close(root);
    this.#traces.clear();
    this.#batches.forget(root);
    this.#curves.forget(root);
  }

  #trace(ref: TrajectoryRef, found: Found): Promise<Trace> {
    return this.#steady.read(() => this.#makeTrace(ref, found));
  }

  async #makeTrace(ref: TrajectoryRef, found: Found): Promise<Trace> {
    const key = `${ref.root}\n${ref.file}\n${ref.id}`;
    const known = this.#traces.get(key);
    if (known?.batch === found.batch) return known.trace;
    const isSame = this.#steady.watch();
    const { segmentation, sources } = this.#reading();
    const loaded =
      (await this.#batches.peek(found.batch, found.member)) ??
      (await withKnownScores(await loadTrajectories([found.member]), sources, segmentation))[0]!;
    const trace = makeTrace(ref, found, loaded, segmentation);
    if (!isSame()) return trace;
    this.#traces.set(key, { batch: found.batch, trace });
    if (this.#traces.size > 32) this.#traces.delete(this.#traces.keys().next().value!);
    return trace;
  }

  #withCredit<T>(
    ref: TrajectoryRef,
    { method, params, lane = "credit" }: CreditRequest,
    use: (parts: CreditParts) => T | Promise<T>,
  ): Promise<T> {
    const parts = async (found: Found): Promise<CreditParts> => {
      const loaded = await this.#batches.get(found.batch, this.#reading());
      const trace = await this.#makeTrace(ref, found);
      const run = loaded.batch.credit(method, params);
      return {
        trace,
        loaded,
        run,
        shown: { numbers: shownLane(loaded.batch, method, params, lane), lane, of: run },
        r: loaded.indexOf(found.member),
      };
    };
    return this.#read(() =>
      this.#roots.fresh(ref, async (found) => use(await this.#steady.read(() => parts(found)))),
    );
  }

  async #methods(found: Found): Promise<readonly MethodChoice[]> {
    const loaded = await this.#batches.get(found.batch, this.#reading());
    const r = loaded.indexOf(found.member);
    return creditMethods.map(({ id, label, doc, status }) => {
      const missing = loaded.batch.missing(r, id);
      return {
        id,
        label,
        doc,
        status,
        available: missing.length === 0,
        reason: missing.length === 0 ? "" : `needs ${missing.join(", ")}`,
      };
    });
  }

  async #configure({ segmentation, scorers }: StoreSettings): Promise<readonly string[]> {
    try {
      this.#segmentation = segmentation === "" ? undefined : segmentByPattern(segmentation);
    } catch {
      throw new UserError(
        "settings/segmentation",
        `rewardLens.steps.segmentation is no regular expression: ${segmentation}. The built-in rule stays in use.`,
      );
    } finally {
      this.#forgetRead();
    }
    const problems = await this.#scoring.show(scorers);
    // What was read while the models were opened lacks their scores.
    this.#forgetRead();
    return problems;
  }

  #forgetRead(): void {
    this.#steady.changed();
    this.#traces.clear();
    this.#batches.clear();
  }

  async #score(request: ScoreRequest, signal: AbortSignal): Promise<ScoreReport> {
    const root = await this.#roots.whole(request.root);
    return this.#scoring.score(request, {
      root,
      segmentation: this.#segmentation,
      signal,
      onReady: (batches) => {
        this.#steady.changed();
        for (const batch of batches) this.#batches.drop(batch);
        this.#traces.clear();
      },
      onProgress: (progress) => this.#tell("scoring", progress),
    });
  }

  #reading(): { segmentation: Segmentation | undefined; sources: Scoring["sources"] } {
    return { segmentation: this.#segmentation, sources: this.#scoring.sources };
  }

  /** Errors that a person's own words cause are expected ones. */
  async #read<T>(fn: () => Promise<T>): Promise<T> {
    try {
      return await fn();
    } catch (error) {
      if (error instanceof FilterError || error instanceof ParameterError)
        throw new UserError("input", error.message);
      throw error;
    }
  }
}

interface CreditParts {
  readonly trace: Trace;
  readonly loaded: LoadedBatch;
  readonly run: ReturnType<LoadedBatch["batch"]["credit"]>;
  readonly shown: Shown;
  readonly r: number;
}
