import type { LoadedModel, LoadOptions, ModelFiles, ScoreSource } from "../protocol/scorer.ts";
import { UserError } from "../protocol/userError.ts";
import { ScorerPool } from "./scorerPool.ts";
import { startScorer } from "./scoringProcess.ts";

export interface ScorerClientOptions {
  /** Path of the scorer's bundle. */
  readonly scorerFile: string;
  /** Told one line when a process dies. */
  readonly log: (line: string) => void;
  /** Told when a GPU was found to differ from the CPU after it had scored with these files. */
  readonly onDistrust?: (files: ModelFiles) => void;
  /** Milliseconds without a call after which the processes are ended. Default: a minute. */
  readonly idleMs?: number;
  /** Milliseconds a cancelled run may go on before its process is ended. Default: two seconds. */
  readonly patienceMs?: number;
}

/**
 * The scorer's processes: started by the first call, ended when they idle. They hold one model; another model takes its
 * place.
 */
export class ScorerClient {
  readonly #options: ScorerClientOptions;
  #pool: { readonly key: string; readonly pool: ScorerPool } | null = null;
  #idle: NodeJS.Timeout | null = null;
  #calls = 0;
  #isDisposed = false;

  constructor(options: ScorerClientOptions) {
    this.#options = options;
  }

  /** Pids of the processes there are. */
  get pids(): readonly number[] {
    return this.#pool?.pool.pids ?? [];
  }

  /**
   * Loads a model, unless it is loaded.
   * @throws UserError that says which file is wrong, `scorer/exited`, or `cancelled`
   */
  load(files: ModelFiles, options: LoadOptions, signal: AbortSignal): Promise<LoadedModel> {
    return this.#busy(() => this.#poolOf(files, options).load(signal));
  }

  /** Scores items with a model, as `ScoreSource.score` says. */
  score(
    files: ModelFiles,
    ...[items, options, signal, onScored]: Parameters<ScoreSource["score"]>
  ): ReturnType<ScoreSource["score"]> {
    return this.#busy(() => this.#poolOf(files, options).score(items, { signal, onScored }));
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#end(new UserError("cancelled", "RewardLens is shutting down."));
  }

  #poolOf(files: ModelFiles, options: LoadOptions): ScorerPool {
    if (this.#isDisposed) throw new UserError("cancelled", "RewardLens is shutting down.");
    const key = JSON.stringify([files.model, files.manifest, options]);
    if (this.#pool?.key === key) return this.#pool.pool;
    this.#end(new UserError("cancelled", "Another model was chosen."));
    const { scorerFile, log, patienceMs = 2000 } = this.#options;
    const start = startScorer(scorerFile);
    const onDistrust = (): void => this.#options.onDistrust?.(files);
    const pool = new ScorerPool({ files, options, start, log, patienceMs, onDistrust });
    this.#pool = { key, pool };
    return pool;
  }

  #end(reason: Error): void {
    const pool = this.#pool?.pool;
    this.#pool = null;
    if (this.#idle !== null) clearTimeout(this.#idle);
    pool?.end(reason);
  }

  async #busy<T>(work: () => Promise<T>): Promise<T> {
    this.#calls++;
    if (this.#idle !== null) clearTimeout(this.#idle);
    try {
      return await work();
    } finally {
      this.#calls--;
      if (this.#calls === 0 && this.#pool !== null) {
        this.#idle = setTimeout(
          () => this.#end(new UserError("cancelled", "The scorer was idle.")),
          this.#options.idleMs ?? 60_000,
        );
        this.#idle.unref();
      }
    }
  }
}
