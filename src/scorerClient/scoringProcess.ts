import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { constants, getPriority, setPriority } from "node:os";
import { type Connection, connect } from "../protocol/rpc.ts";
import type {
  LoadedModel,
  LoadOptions,
  ModelFiles,
  RunningEvent,
  ScoredEvent,
  ScoreItem,
  ScorerApi,
} from "../protocol/scorer.ts";
import { UserError } from "../protocol/userError.ts";

/** A process that scores, as the pool sees it: the child on this machine, a fake in tests, or a connection to a server. */
export interface ScoringProcess {
  /** Null where it is no process of this machine. */
  readonly pid: number | null;
  /** @throws UserError that says which file is wrong, or `scorer/exited` */
  load(files: ModelFiles, options: LoadOptions): Promise<LoadedModel>;
  /** Scores a job, whose items come back as events. @throws UserError `cancelled` when stopped, `scorer/exited` */
  score(job: number, items: readonly ScoreItem[]): Promise<void>;
  /** Stops a job as soon as the run under way is over. */
  stop(job: number): void;
  /** Ends it at once, whatever it does. */
  kill(): void;
}

export interface ProcessListener {
  onRunning(event: RunningEvent): void;
  onScored(event: ScoredEvent): void;
  /** It goes on on another device. */
  onDevice(told: LoadedModel): void;
  /** Once, after which nothing else comes; not after `kill`. */
  onExit(why: string): void;
}

export type StartProcess = (listener: ProcessListener) => ScoringProcess;

/** Starts the scorer's program as a child of this process. @throws UserError where it is missing */
export function startScorer(scorerFile: string): StartProcess {
  return (listener) => {
    if (!existsSync(scorerFile)) throw noRuntime(scorerFile);
    return new ChildScorer(scorerFile, listener);
  };
}

/** Milliseconds after a process's end in which what it sent is still read. */
const pipeMs = 1000;

class ChildScorer implements ScoringProcess {
  readonly #child: ChildProcess;
  readonly #connection: Connection<ScorerApi>;
  readonly #listener: ProcessListener;
  #isGone = false;
  /** The end of what it wrote to standard error. */
  #said = "";

  constructor(scorerFile: string, listener: ProcessListener) {
    this.#listener = listener;
    const child = fork(scorerFile, {
      serialization: "advanced",
      execArgv: [],
      env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#child = child;
    yieldToOthers(child);
    this.#connection = connect<ScorerApi>({
      post: (message) => void child.send(message as object, () => {}),
      onMessage: (receive) => void child.on("message", receive),
    });
    this.#connection.on("running", (event) => this.#isGone || listener.onRunning(event as RunningEvent));
    this.#connection.on("scored", (event) => this.#isGone || listener.onScored(event as ScoredEvent));
    this.#connection.on("device", (told) => this.#isGone || listener.onDevice(told as LoadedModel));
    child.stderr?.on("data", (data: Buffer) => (this.#said = (this.#said + data.toString()).slice(-2000)));
    child.on("error", (error) => this.#exited(error.message));
    child.on("exit", (code, signal) => {
      const told = (): void => this.#exited(signal ?? `exit code ${code}`);
      // What it sent before it died may still be in the pipe.
      if (!child.connected) return told();
      child.once("disconnect", told);
      setTimeout(told, pipeMs).unref();
    });
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  load(files: ModelFiles, options: LoadOptions): Promise<LoadedModel> {
    return this.#connection.api.load(files, options);
  }

  score(job: number, items: readonly ScoreItem[]): Promise<void> {
    return this.#connection.api.score(job, items);
  }

  stop(job: number): void {
    // That it stopped is told by the job's own end.
    this.#connection.api.stop(job).catch(() => {});
  }

  kill(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#connection.close(new UserError("cancelled", "Cancelled"));
    // A run cannot be interrupted, and nothing in the process is worth an orderly end.
    this.#child.kill("SIGKILL");
  }

  #exited(why: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#listener.onExit(`${why} ${this.#said}`.trim());
    this.#connection.close(exited());
  }
}

/**
 * Scoring takes every core for minutes: what somebody types, the store that feeds it and a training on the same machine go
 * first. Threads that it starts later inherit this. Whoever was started with less keeps that.
 */
function yieldToOthers({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  const low = constants.priority.PRIORITY_BELOW_NORMAL;
  try {
    if (getPriority(pid) < low) setPriority(pid, low);
  } catch {
    // Where it is not allowed, or the process has ended already, scoring goes on as it is.
  }
}

/** What is told when processes die whatever they score. */
export function exited(): UserError {
  return new UserError(
    "scorer/exited",
    "The scorer's process stopped. What it had scored is kept; start again for the rest.",
  );
}

function noRuntime(path: string): UserError {
  return new UserError(
    "scorer/none",
    `${path} is missing, so that no local model can be run. Install the RewardLens package for this platform.`,
  );
}
