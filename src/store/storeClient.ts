import { Worker } from "node:worker_threads";
import { type Connection, connect, type Port } from "../protocol/rpc.ts";
import type { StoreApi, StoreEvents } from "../protocol/store.ts";
import { UserError } from "../protocol/userError.ts";

export interface StoreClientOptions {
  /** Path of the worker's bundle. */
  readonly workerFile: string;
  /** Variables of the worker beside this process' own; the processes that it starts have them too. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with one line when the worker dies. */
  readonly log: (line: string) => void;
  /** Wait before the first restart in milliseconds, doubled by each later one. Default 250. */
  readonly backOffMs?: number;
}

/** Times the worker is started again after it died, before it is given up until the next reload. */
const mostRestarts = 3;
/** Wait before the first restart; each later one waits twice as long. */
const backOffMs = 250;

/**
 * The store in a worker thread. It starts with the first call; when it dies, what was asked rejects with a message and
 * the next call starts it again.
 */
export class StoreClient {
  readonly api: StoreApi;
  readonly #options: StoreClientOptions;
  readonly #listeners: { readonly [K in keyof StoreEvents]: Set<(value: StoreEvents[K]) => void> } = {
    progress: new Set(),
    scoring: new Set(),
    comparing: new Set(),
    grown: new Set(),
  };
  #running: { readonly worker: Worker; readonly connection: Connection<StoreApi> } | null = null;
  #deaths = 0;
  #diedAt = 0;
  #disposed = false;
  #settings: Parameters<StoreApi["configure"]>[0] | null = null;

  constructor(options: StoreClientOptions) {
    this.#options = options;
    this.api = this.#proxy();
  }

  /** The same functions; the signal gives up what they do. */
  withSignal(signal: AbortSignal): StoreApi {
    return this.#proxy(signal);
  }

  #proxy(signal?: AbortSignal): StoreApi {
    const call = async (name: keyof StoreApi, args: readonly unknown[]): Promise<unknown> => {
      await this.#backOff();
      const connection = this.#connection();
      const api = signal === undefined ? connection.api : connection.withSignal(signal);
      const answer = await (api[name] as (...args: readonly unknown[]) => Promise<unknown>)(...args);
      // Only what was accepted is told again to a worker that is started again.
      if (name === "configure") this.#settings = args[0] as Parameters<StoreApi["configure"]>[0];
      return answer;
    };
    return new Proxy(Object.create(null) as StoreApi, {
      get:
        (_, name) =>
        async (...args: readonly unknown[]) =>
          call(name as keyof StoreApi, args),
    });
  }

  /** Listens to what the store tells without being asked. */
  on<K extends keyof StoreEvents>(event: K, listener: (value: StoreEvents[K]) => void): { dispose(): void } {
    this.#listeners[event].add(listener);
    return { dispose: () => void this.#listeners[event].delete(listener) };
  }

  dispose(): void {
    const running = this.#running;
    this.#running = null;
    this.#disposed = true;
    running?.connection.close(shuttingDown());
    void running?.worker.terminate();
  }

  /** A worker that died of what it was asked would die again at once; calls wait their turn. */
  async #backOff(): Promise<void> {
    if (this.#running !== null || this.#deaths === 0 || this.#deaths > mostRestarts) return;
    const wait = (this.#options.backOffMs ?? backOffMs) * 2 ** (this.#deaths - 1);
    const left = this.#diedAt + wait - performance.now();
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
  }

  #connection(): Connection<StoreApi> {
    if (this.#disposed) throw shuttingDown();
    if (this.#running !== null) return this.#running.connection;
    if (this.#deaths > mostRestarts) {
      throw new UserError(
        "store/dead",
        "Reading logs has failed several times. Reload the window to try again; the log has the reason.",
      );
    }
    const worker = new Worker(this.#options.workerFile, {
      env: { ...process.env, ...this.#options.environment },
    });
    const connection = connect<StoreApi>(portOf(worker));
    this.#running = { worker, connection };
    connection.on("progress", (value) => {
      for (const listener of this.#listeners.progress) listener(value as StoreEvents["progress"]);
    });
    connection.on("grown", (value) => {
      for (const listener of this.#listeners.grown) listener(value as StoreEvents["grown"]);
    });
    connection.on("log", (line) => this.#options.log(String(line)));
    connection.on("scoring", (value) => {
      for (const listener of this.#listeners.scoring) listener(value as StoreEvents["scoring"]);
    });
    connection.on("comparing", (value) => {
      for (const listener of this.#listeners.comparing) listener(value as StoreEvents["comparing"]);
    });
    worker.on("error", (error) => this.#died(worker, error.stack ?? error.message));
    worker.on("exit", (code) => this.#died(worker, `exit code ${code}`));
    worker.unref();
    if (this.#settings !== null) void connection.api.configure(this.#settings).catch(() => {});
    return connection;
  }

  #died(worker: Worker, why: string): void {
    if (this.#running?.worker !== worker) return;
    const { connection } = this.#running;
    this.#running = null;
    this.#deaths++;
    this.#diedAt = performance.now();
    this.#options.log(`The store's worker died: ${why}`);
    connection.close(new UserError("store/exited", "Reading the log was interrupted. Try again."));
  }
}

function shuttingDown(): UserError {
  return new UserError("cancelled", "RewardLens is shutting down.");
}

function portOf(worker: Worker): Port {
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => void worker.on("message", listener),
  };
}
