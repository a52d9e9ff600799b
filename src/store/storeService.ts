import { ParameterError } from "../core/credit/parameter.ts";
import { creditMethods } from "../core/credit/registry.ts";
import { laneChoices, shownLane } from "../core/credit/shownLane.ts";
import { FilterError } from "../core/rollout/filter.ts";
import { segmentByPattern, type Segmentation } from "../core/rollout/segment.ts";
import type { CallContext } from "../protocol/rpc.ts";
import type { Scorers } from "../protocol/scorer.ts";
import type { ScoreReport, ScoreRequest } from "../protocol/scoring.ts";
import type {
  BatchKey,
  CreditRequest,
  MethodChoice,
  OpenedRoot,
  StoreApi,
  StoreEvents,
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
import { loadTrajectories, StaleIndex } from "./loadTrajectories.ts";
import { isCurrent } from "./isCurrent.ts";
import { type Found, OpenRoot } from "./openRoot.ts";
import { batchRows, groupRows, rolloutRow, rolloutRows } from "./rows.ts";
import { sameBatch } from "./run.ts";
import type { Group, RunBatch } from "./runBatch.ts";
import { withKnownScores } from "./scoring/knownScores.ts";
import { Scoring } from "./scoring/scoring.ts";
import { Steady } from "./steady.ts";
import { makeTrace, type Trace } from "./traceView.ts";

/** Handlers of the store's interface: the same functions, each with the call's context first. */
export type StoreHandlers = {
  readonly [K in keyof StoreApi]: StoreApi[K] extends (...args: infer A) => infer R
    ? (context: CallContext, ...args: A) => R
    : never;
};

/** How the store tells what nobody asked for. */
export type StoreTeller = <K extends keyof StoreEvents>(event: K, value: StoreEvents[K]) => void;

export interface StoreOptions {
  readonly tell?: StoreTeller;
  /** What makes scores; without it nothing can be scored. */
  readonly scorers?: Scorers | null;
  /** Where indices of large logs are kept; without it they are made anew. */
  readonly cache?: IndexCache | null;
  /** What reads large logs in several threads; without it one thread does. */
  readonly threads?: IndexThreads | null;
}

/** A root that is open, or being read for the first time. */
interface Slot {
  /** What is read of it so far; null until there is something to show. */
  current: OpenRoot | null;
  /** The latest reading to its end. */
  whole: Promise<OpenRoot>;
  readonly gone: AbortController;
}

/** Milliseconds between two words of progress. */
const progressMs = 100;

/** Times a file that keeps changing is indexed for one question. */
const mostTries = 3;

/** What the store's worker does: keeps the opened roots and answers for them. Nothing is shared between two services. */
export class StoreService {
  readonly #roots = new Map<string, Slot>();
  readonly #batches = new BatchCache();
  readonly #curves = new CurveStore();
  readonly #traces = new Map<string, { readonly batch: RunBatch; readonly trace: Trace }>();
  readonly #scoring: Scoring;
  readonly #tell: StoreTeller;
  readonly #cache: IndexCache | null;
  readonly #threads: IndexThreads | null;
  #segmentation: Segmentation | undefined;
  readonly #steady = new Steady(mostTries);

  constructor({ tell = () => {}, scorers = null, cache = null, threads = null }: StoreOptions = {}) {
    this.#tell = tell;
    this.#cache = cache;
    this.#threads = threads;
    this.#scoring = new Scoring(scorers);
  }

  handlers(): StoreHandlers {
    return {
      open: ({ signal }, root) => this.#open(root, signal),
      close: async (_, root) => this.#close(root),
      batches: async (_, root, run, query) =>
        this.#read(async () => batchRows(await this.#run(root, run), query)),
      groups: async (_, key, query) => this.#read(async () => groupRows(await this.#batchOf(key), query)),
      rollouts: async (_, key, group, query) =>
        this.#read(async () => rolloutRows(key.root, await this.#groupOf(key, group), query)),
      locate: async (_, ref) => {
        const { batch, group, member, index } = await this.#find(ref);
        const row = rolloutRow(ref.root, member, index + 1);
        return { batch: batch.key, group: group.key, name: group.group, row };
      },
      latest: async (_, root) => (await this.#root(root)).latest(),
      trace: async (_, ref) => (await this.#fresh(ref, (found) => this.#trace(ref, found))).view,
      credit: async (_, ref, request) =>
        this.#withCredit(ref, request, ({ trace, shown, r }) =>
          makeCreditView(trace, shown, r, this.#segmentation),
        ),
      lanes: (_, ref, request) => this.#withCredit(ref, request, ({ run }) => laneChoices(run)),
      explain: async (_, ref, request, at) =>
        this.#withCredit(ref, request, ({ trace, run, shown, r, loaded }) =>
          explain(trace, at, { loaded, run, shown, r, ...this.#reading() }),
        ),
      methods: async (_, ref) => this.#fresh(ref, (found) => this.#methods(found)),
      compare: ({ signal }, ref, request) =>
        this.#withCredit(ref, request, ({ trace, loaded, r }) =>
          compareMethods(request, { trace, loaded, r, segmentation: this.#segmentation, signal }),
        ),
      identify: ({ signal }, ref) =>
        this.#fresh(ref, async ({ batch }) => {
          const loaded = await this.#batches.get(batch, this.#reading());
          return identifyEstimator(loaded.batch.members, signal);
        }),
      curves: async ({ signal }, root) => this.#curves.curves(await this.#whole(root), signal),
      configure: async (_, settings) => this.#configure(settings),
      models: async (_, folders) => this.#scoring.choices(folders),
      describeModel: (_, path, answers) => this.#scoring.describe(path, answers),
      dryRun: ({ signal }, ref, folder, options) =>
        this.#fresh(ref, async ({ member }) => {
          const [loaded] = await loadTrajectories([member]);
          const read = { segmentation: this.#segmentation, options, signal };
          return this.#scoring.dryRun(loaded!.trajectory, folder, read);
        }),
      score: ({ signal }, request) => this.#score(request, signal),
      compareGraphs: async ({ signal }, request) =>
        this.#scoring.compare(request, {
          root: await this.#whole(request.root),
          segmentation: this.#segmentation,
          signal,
          onProgress: (progress) => this.#tell("comparing", progress),
        }),
    };
  }

  /** Reads a root, again if it is open, and returns once there is something to show; the rest is told as it comes. */
  async #open(root: string, signal: AbortSignal): Promise<OpenedRoot> {
    const before = this.#roots.get(root);
    await before?.whole.catch(() => null);
    if (signal.aborted) throw new UserError("cancelled", "Cancelled");
    const known = this.#roots.get(root);
    const slot: Slot = known ?? {
      current: null,
      whole: Promise.reject(new Error()),
      gone: new AbortController(),
    };
    slot.whole.catch(() => {});
    this.#roots.set(root, slot);
    return new Promise((resolve, reject) => {
      // What the call itself returns need not be told; what comes later must.
      let isShown = false;
      const show = (state: OpenRoot): void => {
        this.#show(slot, state);
        if (isShown) this.#tell("grown", state.describe());
        else resolve(state.describe());
        isShown = true;
      };
      slot.whole = this.#readRoot(root, slot, { signal, show });
      slot.whole.catch((error: unknown) => {
        // Someone who gives up refreshing keeps what was there.
        if (slot.current === null && this.#roots.get(root) === slot) this.#roots.delete(root);
        reject(error as Error);
      });
    });
  }

  async #readRoot(
    root: string,
    slot: Slot,
    { signal, show }: { readonly signal: AbortSignal; readonly show: (state: OpenRoot) => void },
  ): Promise<OpenRoot> {
    let told = 0;
    const isRefreshed = slot.current !== null;
    const onFile = (done: number, total: number, path: string): void => {
      if (performance.now() - told < progressMs) return;
      told = performance.now();
      this.#tell("progress", { root, done, total, message: path.replace(/^.*[\\/]/, "") });
    };
    const onPartial = (partial: OpenRoot): void => {
      // What was read before is more than the beginning of what is read again.
      if (!isRefreshed || memberCount(partial) >= memberCount(slot.current!)) show(partial);
    };
    const whole = await OpenRoot.open(root, slot.current, {
      signal: AbortSignal.any([signal, slot.gone.signal]),
      onFile,
      onPartial,
      cache: this.#cache,
      threads: this.#threads,
    });
    show(whole);
    return whole;
  }

  #show(slot: Slot, root: OpenRoot): void {
    slot.current = root;
    this.#traces.clear();
    this.#batches.keep(root);
  }

  #close(root: string): void {
    this.#roots.get(root)?.gone.abort();
    this.#roots.delete(root);
    this.#traces.clear();
    this.#batches.forget(root);
    this.#curves.forget(root);
  }

  /** The root as far as it is read, opened if it is not (a trace that comes back after a reload asks first). */
  async #root(root: string): Promise<OpenRoot> {
    const slot = this.#roots.get(root);
    if (slot?.current) return slot.current;
    await this.#open(root, new AbortController().signal);
    return this.#roots.get(root)!.current!;
  }

  /** The root when all of it is read. */
  async #whole(root: string): Promise<OpenRoot> {
    await this.#root(root);
    return this.#roots.get(root)!.whole;
  }

  async #run(root: string, name: string): Promise<OpenRoot["runs"][number]> {
    const run = (await this.#root(root)).runs.find((one) => one.run === name);
    if (run === undefined)
      throw new UserError("store/run", `${root} holds no run "${name}" any more. Refresh the Rollouts view.`);
    return run;
  }

  async #batchOf(key: BatchKey): Promise<RunBatch> {
    const batch = (await this.#run(key.root, key.run)).batches.find((one) => sameBatch(one.key, key));
    if (batch === undefined)
      throw new UserError(
        "store/step",
        "This train step is not in the log any more. Refresh the Rollouts view.",
      );
    return batch;
  }

  async #groupOf(key: BatchKey, name: string): Promise<Group> {
    const group = (await this.#batchOf(key)).groups.find((one) => one.key === name);
    if (group === undefined)
      throw new UserError("store/group", "This group is not in the log any more. Refresh the Rollouts view.");
    return group;
  }

  async #find(ref: TrajectoryRef): Promise<Found> {
    const found = (await this.#root(ref.root)).find(ref);
    if (found !== null) return found;
    throw new UserError(
      "store/gone",
      `${ref.file} holds no rollout "${ref.id}" (any more). Open another from the Rollouts view.`,
    );
  }

  /** Does something with a trajectory; its file is read again first when it was replaced since it was indexed. */
  async #fresh<T>(ref: TrajectoryRef, use: (found: Found) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        const found = await this.#find(ref);
        // What a trainer still writes to changes all the time: in the end the records that are known must do.
        if (tries < mostTries && !(await isCurrent(found.member.file))) throw new StaleIndex(ref.file);
        return await use(found);
      } catch (error) {
        if (!(error instanceof StaleIndex) || tries === mostTries) throw error;
        await this.#open(ref.root, new AbortController().signal);
      }
    }
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
      this.#fresh(ref, async (found) => use(await this.#steady.read(() => parts(found)))),
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
    const root = await this.#whole(request.root);
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

function memberCount({ runs }: OpenRoot): number {
  return runs.reduce((n, { batches }) => n + batches.reduce((m, { size }) => m + size, 0), 0);
}

interface CreditParts {
  readonly trace: Trace;
  readonly loaded: LoadedBatch;
  readonly run: ReturnType<LoadedBatch["batch"]["credit"]>;
  readonly shown: Shown;
  readonly r: number;
}
