import type { Device, LoadedModel, ScoredItem, ScoreItem } from "../../src/protocol/scorer.ts";
import { UserError } from "../../src/protocol/userError.ts";
import type { ProcessListener, ScoringProcess, StartProcess } from "../../src/scorerClient/scoringProcess.ts";

/** What a fake process does with the items of its next run. */
export type Deed = "score" | "die" | "hang";

export interface FakeOptions {
  /** @param items those of the run @param run its number among all runs of all processes, from 1 @param pid of its process */
  readonly does?: (items: readonly ScoreItem[], run: number, pid: number) => Deed;
  /** Milliseconds of a run. */
  readonly runMs?: (pid: number) => number;
  /** Items a run takes. */
  readonly atOnce?: number;
  /** Run before which its GPU is found wrong, so that a CPU goes on. Default: it is a CPU throughout. */
  readonly wrongFrom?: number;
  /** What loading ends with: a death, or an error. */
  readonly load?: (pid: number) => "ready" | "die" | Error;
}

/**
 * Processes that die, hang and dawdle as told, which no real one does on demand. All else about scoring is tested with
 * the real process.
 */
export class FakeProcesses {
  readonly #options: FakeOptions;
  /** Pids of those that were started, and of those that are alive. */
  readonly started: number[] = [];
  readonly alive = new Set<number>();
  /** Texts that each process scored, in order. */
  readonly scoredBy = new Map<number, string[]>();
  /** Items of each job, in the order in which they were given out. */
  readonly jobs: number[] = [];
  runs = 0;

  constructor(options: FakeOptions = {}) {
    this.#options = options;
  }

  readonly start: StartProcess = (listener) => {
    const pid = this.started.length + 1;
    this.started.push(pid);
    this.alive.add(pid);
    this.scoredBy.set(pid, []);
    return this.#process(pid, listener);
  };

  #process(pid: number, listener: ProcessListener): ScoringProcess {
    const {
      does = () => "score",
      runMs = () => 0,
      atOnce = 4,
      load = () => "ready",
      wrongFrom,
    } = this.#options;
    const stopped = new Set<number>();
    let end!: (error: Error) => void;
    const gone = new Promise<never>((_, reject) => (end = reject));
    gone.catch(() => {});
    let turn: Promise<unknown> = Promise.resolve();
    const die = (): void => {
      if (!this.alive.delete(pid)) return;
      listener.onExit("killed");
      end(new UserError("scorer/exited", "gone"));
    };
    const wait = (ms: number): Promise<void> =>
      Promise.race([gone, new Promise<void>((go) => setTimeout(go, ms))]);
    const runAll = async (job: number, items: readonly ScoreItem[]): Promise<void> => {
      for (let from = 0; from < items.length; from += atOnce) {
        await wait(0);
        if (stopped.has(job)) throw new UserError("cancelled", "Cancelled");
        const run = items.slice(from, from + atOnce);
        const running = run.map((_, k) => from + k);
        listener.onRunning({ job, items: running, isLast: from + atOnce >= items.length });
        if (this.runs + 1 === wrongFrom) listener.onDevice(told("cpu"));
        const deed = does(run, ++this.runs, pid);
        if (deed === "die") die();
        await wait(deed === "hang" ? 1e9 : runMs(pid));
        this.scoredBy.get(pid)!.push(...run.map(textOf));
        listener.onScored({ job, scored: running.map((i) => [i, fakeScore(items[i]!)]) });
      }
    };
    return {
      pid,
      async load() {
        await wait(1);
        const end = load(pid);
        if (end instanceof Error) throw end;
        if (end === "die") die();
        await wait(0);
        return told(wrongFrom === undefined ? "cpu" : "webgpu");
      },
      score: (job, items) => {
        this.jobs.push(items.length);
        const done = turn.then(() => Promise.race([gone, runAll(job, items)]));
        turn = done.catch(() => {});
        return done;
      },
      stop: (job) => void stopped.add(job),
      kill: () => {
        if (this.alive.delete(pid)) end(new UserError("cancelled", "Cancelled"));
      },
    };
  }
}

function told(device: Device): LoadedModel {
  return { device, note: "", selfCheck: null, maxTokens: 512 };
}

export function textOf({ parts }: ScoreItem): string {
  return parts.map(({ text }) => text).join(" ");
}

/** A score that tells whose it is: the length of its text. */
function fakeScore(item: ScoreItem): ScoredItem {
  const none = new Int32Array(0);
  return {
    first: Int32Array.of(0, 0),
    start: none,
    end: none,
    ids: none,
    columns: [{ name: "prm", level: "step", values: Float32Array.of(textOf(item).length) }],
    tokens: 10,
    windows: 1,
    onGpu: false,
  };
}
