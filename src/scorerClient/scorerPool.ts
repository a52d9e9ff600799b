import { availableParallelism } from "node:os";
import type {
  LoadedModel,
  LoadOptions,
  ModelFiles,
  ScoredEntry,
  ScoredItem,
  ScoreItem,
} from "../protocol/scorer.ts";
import { UserError } from "../protocol/userError.ts";
import { exited, type ScoringProcess, type StartProcess } from "./scoringProcess.ts";
import { type Job, ScoreCall } from "./scoreCall.ts";

export interface PoolOptions {
  readonly files: ModelFiles;
  readonly options: LoadOptions;
  readonly start: StartProcess;
  /** Told when a GPU was found to differ from the CPU after it had scored. */
  readonly onDistrust?: (() => void) | undefined;
  /** Told one line when a process dies. */
  readonly log: (line: string) => void;
  /** Milliseconds a stopped run may go on before its process is ended. */
  readonly patienceMs: number;
  /** Milliseconds before a process that died is replaced, times the deaths in a row. Default: 200. */
  readonly backOffMs?: number;
}

/** A model of fewer bytes is faster in processes of one thread than in one process of several. */
const smallBytes = 200 * 2 ** 20;
const mostProcesses = 4;
/**
 * Tokens of a job, about: many make full runs, few let processes end together. The least job is worth its way to a process:
 * so much work, in tokens times the bytes that each is multiplied with.
 */
const leastWork = 1e10;
const [fewestTokens, leastTokens] = [512, 4096];
/** The largest job, in least ones. */
const mostJobs = 8;
/**
 * Deaths without a result in between after which nothing more is tried: of items with which no process has died, beside one
 * of each process, and of any.
 */
const mostUnexpected = 3;
const mostDeaths = 40;

/** Who waits for scores. */
export interface ScoreFollower {
  readonly signal: AbortSignal;
  readonly onScored?: ((scored: readonly ScoredEntry[]) => void) | undefined;
}

/** A process and what it has to do. */
interface Worker {
  readonly process: ScoringProcess;
  loaded: Promise<LoadedModel>;
  isReady: boolean;
  /** The first is under way; a second is given while the first one's last run goes on. */
  readonly jobs: Job[];
  isInLastRun: boolean;
  /** Ends the process when the job that was stopped does not. */
  overdue: NodeJS.Timeout | null;
}

/**
 * The processes that score with one model. A small model runs on the CPU in several of one thread, any other in one.
 * Processes take jobs when they have nothing to do, so that a slow one holds nobody up; one that dies is replaced, and
 * what it did not give back is scored by others.
 */
export class ScorerPool {
  readonly #options: PoolOptions;
  readonly #workers: Worker[] = [];
  readonly #calls: ScoreCall[] = [];
  /** Most processes; one until the first one's device is known. */
  #size = 1;
  #nextJob = 0;
  /** Deaths since the last result: all, and those of items with which none had died before. */
  #deathsInRow = 0;
  #unexpectedInRow = 0;
  /** Whether anything was ever scored. */
  #hasLived = false;
  #ended: Error | null = null;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Pids of the processes there are. */
  get pids(): readonly number[] {
    return this.#workers.flatMap(({ process }) => process.pid ?? []);
  }

  /** @throws UserError that says which file is wrong, `scorer/exited`, or `cancelled` */
  async load(signal: AbortSignal): Promise<LoadedModel> {
    if (this.#ended !== null) throw this.#ended;
    const worker = this.#workers[0] ?? this.#start();
    return this.#unlessAborted(worker.loaded, signal);
  }

  /** As `ScoreSource.score` says. */
  async score(
    items: readonly ScoreItem[],
    { signal, onScored = () => {} }: ScoreFollower,
  ): Promise<readonly (ScoredItem | null)[]> {
    if (signal.aborted) throw cancelled();
    if (this.#ended !== null) throw this.#ended;
    const byPrompt = this.#options.files.manifest.inputs.past !== null;
    const call = new ScoreCall(items, { byPrompt, onScored });
    this.#calls.push(call);
    const cancel = (): void => this.#cancel(call);
    signal.addEventListener("abort", cancel);
    this.#work();
    try {
      return await call.results;
    } finally {
      signal.removeEventListener("abort", cancel);
      this.#calls.splice(this.#calls.indexOf(call), 1);
    }
  }

  /** Ends all processes and all calls. */
  end(reason: Error): void {
    this.#ended = reason;
    for (const worker of this.#workers.splice(0)) kill(worker);
    for (const call of this.#calls) call.fail(reason);
  }

  /** Gives every process that has nothing to do a job, and starts another one where there is work for it. */
  #work(): void {
    if (this.#ended !== null) return;
    const isWaiting = this.#calls.some((call) => call.isOpen);
    if (isWaiting && this.#workers.length === 0) this.#start();
    for (const worker of this.#workers) {
      const room = worker.isInLastRun ? 2 : 1;
      if (!worker.isReady || worker.jobs.length >= room) continue;
      const job = this.#nextOf();
      if (job !== null) void this.#run(worker, job);
    }
    const waiting = this.#waitingTokens;
    const isFree = ({ isReady, jobs }: Worker): boolean => !isReady || jobs.length === 0;
    let free = this.#workers.filter(isFree).length;
    while (this.#workers.length < this.#size && waiting >= this.#leastTokens * ++free) this.#start();
  }

  /** Tokens, about, that wait in all calls. */
  get #waitingTokens(): number {
    return this.#calls.reduce((sum, call) => sum + (call.isOpen ? call.waitingTokens : 0), 0);
  }

  /** A share of what is left in all calls, so that jobs get smaller towards the end, and no call leaves a crumb. */
  #nextOf(): Job | null {
    const least = this.#leastTokens;
    const share = this.#waitingTokens / (2 * this.#size - 1);
    const tokens = Math.max(least, Math.min(mostJobs * least, share));
    for (const call of this.#calls) {
      if (!call.isOpen) continue;
      // What would be left of it is a job too small; the last call's may be, so that processes end together.
      const isCrumb = call.waitingTokens - tokens < least && call.waitingTokens <= mostJobs * least;
      const job = call.next(this.#nextJob++, isCrumb && this.#calls.length > 1 ? call.waitingTokens : tokens);
      if (job !== null) return job;
    }
    return null;
  }

  async #run(worker: Worker, job: Job): Promise<void> {
    worker.jobs.push(job);
    const error = await worker.process.score(job.id, job.call.itemsOf(job)).then(
      () => null,
      (reason: unknown) => reason as Error,
    );
    const at = worker.jobs.indexOf(job);
    // A process that died or was ended has no jobs any more: they were taken back.
    if (at < 0 || !this.#workers.includes(worker)) return;
    worker.jobs.splice(at, 1);
    worker.isInLastRun = false;
    if (worker.overdue !== null) clearTimeout(worker.overdue);
    worker.overdue = null;
    if (error !== null) {
      if (error instanceof UserError && error.code === "scorer/device") this.#options.onDistrust?.();
      job.call.fail(error);
      this.#stop(job.call);
    }
    this.#work();
  }

  #start(): Worker {
    const { files, start } = this.#options;
    const isFirst = this.#workers.length === 0;
    const { process, connect } = this.#started(start);
    const worker: Worker = {
      process,
      loaded: process.load(files, this.#loadOptions(isFirst)),
      isReady: false,
      jobs: [],
      isInLastRun: false,
      overdue: null,
    };
    connect(worker);
    this.#workers.push(worker);
    worker.loaded.then(
      ({ device }) => {
        if (!this.#workers.includes(worker)) return;
        worker.isReady = true;
        if (isFirst) this.#size = device === "cpu" ? this.#processes() : 1;
        this.#work();
      },
      (error: Error) => this.#loadFailed(worker, error),
    );
    return worker;
  }

  /** A process whose events find the worker that is made of it. */
  #started(start: StartProcess): {
    process: ScoringProcess;
    connect: (worker: Worker) => void;
  } {
    let own: Worker | null = null;
    const jobOf = (id: number): Job | undefined => own?.jobs.find((job) => job.id === id);
    const process = start({
      onRunning: ({ job: id, items, isLast }) => {
        const job = jobOf(id);
        if (own === null || job === undefined) return;
        job.running = items;
        own.isInLastRun = isLast;
        if (isLast) this.#work();
      },
      onDevice: (told) => {
        if (own !== null) own.loaded = Promise.resolve(told);
        if (told.device === "cpu") this.#options.onDistrust?.();
      },
      onScored: ({ job: id, scored }) => {
        this.#unexpectedInRow = this.#deathsInRow = 0;
        this.#hasLived = true;
        const job = jobOf(id);
        job?.call.scored(job, scored);
      },
      onExit: (why) => {
        if (own !== null) this.#died(own, why);
      },
    });
    return { process, connect: (worker) => void (own = worker) };
  }

  #loadFailed(worker: Worker, error: Error): void {
    const at = this.#workers.indexOf(worker);
    if (at < 0) return;
    this.#workers.splice(at, 1);
    kill(worker);
    if (at === 0) {
      // Whoever asks again tries anew: the files may have been put right.
      for (const call of this.#calls) call.fail(error);
      return;
    }
    // There may be memory for fewer processes than there are cores.
    this.#options.log(`Another process of the scorer could not be started: ${error.message}`);
    this.#size = this.#workers.length;
  }

  #died(worker: Worker, why: string): void {
    const at = this.#workers.indexOf(worker);
    if (at < 0) return;
    this.#workers.splice(at, 1);
    this.#options.log(`The scorer's process died: ${why}`);
    const kind = worker.jobs[0]?.kind ?? "new";
    this.#takeBack(worker);
    this.#deathsInRow++;
    if (kind === "new" || !this.#hasLived) this.#unexpectedInRow++;
    if (this.#unexpectedInRow > mostUnexpected + this.#size || this.#deathsInRow > mostDeaths) {
      this.#unexpectedInRow = this.#deathsInRow = 0;
      for (const call of this.#calls) call.fail(exited());
      return;
    }
    const { backOffMs = 200 } = this.#options;
    setTimeout(() => this.#work(), backOffMs * this.#unexpectedInRow);
  }

  /** The job that was under way may be to blame; one that waited behind it is not. */
  #takeBack({ jobs, overdue }: Worker): void {
    if (overdue !== null) clearTimeout(overdue);
    const [current, ...others] = jobs.splice(0);
    for (const job of others) job.call.returned(job);
    current?.call.lost(current);
  }

  #cancel(call: ScoreCall): void {
    call.fail(cancelled());
    this.#stop(call);
    this.#endLoading();
  }

  #stop(call: ScoreCall): void {
    for (const worker of this.#workers) {
      const stopped = worker.jobs.filter((job) => job.call === call);
      for (const job of stopped) worker.process.stop(job.id);
      if (stopped.length === 0) continue;
      worker.overdue ??= setTimeout(() => this.#endOverdue(worker), this.#options.patienceMs);
    }
  }

  #endOverdue(worker: Worker): void {
    const at = this.#workers.indexOf(worker);
    if (at < 0) return;
    this.#workers.splice(at, 1);
    this.#options.log("The scorer's process did not stop when it was told to, and was ended.");
    kill(worker);
    this.#takeBack(worker);
    this.#work();
  }

  /** A model's files may make a process load for ever: giving up ends it, unless others wait for it too. */
  async #unlessAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
    if (signal.aborted) throw cancelled();
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        reject(cancelled());
        this.#endLoading();
      };
      signal.addEventListener("abort", giveUp);
      result.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp));
    });
  }

  #endLoading(): void {
    if (this.#calls.some((call) => call.isOpen)) return;
    for (const worker of this.#workers.filter(({ isReady }) => !isReady)) {
      this.#workers.splice(this.#workers.indexOf(worker), 1);
      kill(worker);
    }
  }

  /** The first process finds the device; the others are there for a CPU's cores. */
  #loadOptions(isFirst: boolean): LoadOptions {
    const { options } = this.#options;
    if (!this.#isSmall) return options;
    return { device: isFirst ? options.device : "cpu", threads: 1 };
  }

  #processes(): number {
    const { threads } = this.#options.options;
    if (!this.#isSmall) return 1;
    return threads > 0 ? threads : Math.max(1, Math.min(mostProcesses, availableParallelism()));
  }

  get #isSmall(): boolean {
    return this.#options.files.bytes < smallBytes;
  }

  get #leastTokens(): number {
    const { bytes } = this.#options.files;
    return Math.max(fewestTokens, Math.min(leastTokens, Math.round(leastWork / bytes)));
  }
}

function kill({ process, overdue }: Worker): void {
  if (overdue !== null) clearTimeout(overdue);
  process.kill();
}

function cancelled(): UserError {
  return new UserError("cancelled", "Cancelled");
}
