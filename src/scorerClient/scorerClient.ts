import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { type Connection, connect } from "../protocol/rpc.ts";
import type {
  LoadedModel,
  LoadOptions,
  ModelFiles,
  ScoredItem,
  ScoreItem,
  ScorerApi,
} from "../protocol/scorer.ts";
import { UserError } from "../protocol/userError.ts";

export interface ScorerClientOptions {
  /** Path of the scorer's bundle. */
  readonly scorerFile: string;
  /** Told one line when the process dies. */
  readonly log: (line: string) => void;
  /** Milliseconds without a call after which the process is ended. Default: a minute. */
  readonly idleMs?: number;
  /** Milliseconds a cancelled run may go on before the process is ended. Default: two seconds. */
  readonly patienceMs?: number;
}

interface Running {
  readonly child: ChildProcess;
  readonly connection: Connection<ScorerApi>;
  /** What is loaded in it. */
  readonly key: string;
  readonly loaded: Promise<LoadedModel>;
}

/**
 * The scorer's process: started by the first call, ended when it idles, started again when it died. It holds one model;
 * another model takes its place.
 */
export class ScorerClient {
  readonly #options: ScorerClientOptions;
  #running: Running | null = null;
  #idle: NodeJS.Timeout | null = null;
  #calls = 0;
  #disposed = false;

  constructor(options: ScorerClientOptions) {
    this.#options = options;
  }

  /** Pid of the process while there is one. */
  get pid(): number | null {
    return this.#running?.child.pid ?? null;
  }

  /**
   * Loads a model, unless it is loaded.
   * @throws UserError that says which file is wrong, `scorer/exited`, or `cancelled`
   */
  load(files: ModelFiles, options: LoadOptions, signal: AbortSignal): Promise<LoadedModel> {
    return this.#busy(() => this.#ready(this.#start(files, options), signal));
  }

  /** Scores items with a model. @throws UserError `cancelled`, `scorer/exited` when the process died on the way */
  score(
    files: ModelFiles,
    options: LoadOptions,
    items: readonly ScoreItem[],
    signal: AbortSignal,
  ): Promise<readonly ScoredItem[]> {
    return this.#busy(async () => {
      const running = this.#start(files, options);
      await this.#ready(running, signal);
      const overdue = this.#killWhenOverdue(running, signal);
      try {
        return await running.connection.withSignal(signal).score(items);
      } finally {
        overdue.dispose();
      }
    });
  }

  dispose(): void {
    this.#disposed = true;
    this.#end(new UserError("cancelled", "RewardLens is shutting down."));
  }

  #start(files: ModelFiles, options: LoadOptions): Running {
    const key = JSON.stringify([files.model, files.manifest, options]);
    if (this.#disposed) throw new UserError("cancelled", "RewardLens is shutting down.");
    if (this.#running?.key === key) return this.#running;
    this.#end(new UserError("cancelled", "Another model was chosen."));
    if (!existsSync(this.#options.scorerFile)) throw noRuntime(this.#options.scorerFile);
    const child = fork(this.#options.scorerFile, {
      serialization: "advanced",
      execArgv: [],
      env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    const connection = connect<ScorerApi>({
      post: (message) => void child.send(message as object, () => {}),
      onMessage: (listener) => void child.on("message", listener),
    });
    let said = "";
    child.stderr?.on("data", (data: Buffer) => (said = (said + data.toString()).slice(-2000)));
    child.on("error", (error) => this.#died(child, error.message));
    child.on("exit", (code, signal) => this.#died(child, `${signal ?? `exit code ${code}`} ${said}`.trim()));
    const loaded = connection.api.load(files, options);
    loaded.catch(() => {});
    this.#running = { child, connection, key, loaded };
    loaded.catch((error: unknown) => {
      // A model that could not be loaded is tried anew by the next call: its files may have been put right.
      if (this.#running?.child === child) this.#end(error as Error);
    });
    return this.#running;
  }

  /** A model's files may make a process load for ever: giving up ends it. */
  async #ready(running: Running, signal: AbortSignal): Promise<LoadedModel> {
    const giveUp = (): void => {
      if (this.#running === running) this.#end(new UserError("cancelled", "Cancelled"));
    };
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp);
    try {
      return await running.loaded;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  #died(child: ChildProcess, why: string): void {
    if (this.#running?.child !== child) return;
    const { connection } = this.#running;
    this.#running = null;
    this.#options.log(`The scorer's process died: ${why}`);
    connection.close(
      new UserError(
        "scorer/exited",
        "The scorer's process stopped. What it had scored is kept; start again for the rest.",
      ),
    );
  }

  #end(reason: Error): void {
    const running = this.#running;
    this.#running = null;
    if (this.#idle !== null) clearTimeout(this.#idle);
    running?.connection.close(reason);
    // A run cannot be interrupted, and nothing in the process is worth an orderly end.
    running?.child.kill("SIGKILL");
  }

  #killWhenOverdue({ child }: Running, signal: AbortSignal): { dispose(): void } {
    let timer: NodeJS.Timeout | null = null;
    const wait = (): void => {
      timer = setTimeout(() => child.kill("SIGKILL"), this.#options.patienceMs ?? 2000);
      timer.unref();
      child.once("message", () => timer !== null && clearTimeout(timer));
    };
    signal.addEventListener("abort", wait, { once: true });
    return { dispose: () => signal.removeEventListener("abort", wait) };
  }

  async #busy<T>(work: () => Promise<T>): Promise<T> {
    this.#calls++;
    if (this.#idle !== null) clearTimeout(this.#idle);
    try {
      return await work();
    } finally {
      this.#calls--;
      if (this.#calls === 0 && this.#running !== null) {
        this.#idle = setTimeout(
          () => this.#end(new UserError("cancelled", "The scorer was idle.")),
          this.#options.idleMs ?? 60_000,
        );
        this.#idle.unref();
      }
    }
  }
}

function noRuntime(path: string): UserError {
  return new UserError(
    "scorer/none",
    `${path} is missing, so that no local model can be run. Install the RewardLens package for this platform.`,
  );
}
