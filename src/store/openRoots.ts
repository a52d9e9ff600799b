import type { BatchKey, OpenedRoot, TrajectoryRef } from "../protocol/store.ts";
import { UserError } from "../protocol/userError.ts";
import type { IndexCache } from "./indexCache.ts";
import type { IndexThreads } from "./indexThreads.ts";
import { isCurrent } from "./isCurrent.ts";
import { StaleIndex } from "./loadTrajectories.ts";
import { type Found, OpenRoot } from "./openRoot.ts";
import { sameBatch } from "./run.ts";
import type { Group, RunBatch } from "./runBatch.ts";
import type { StoreTeller } from "./storeTeller.ts";

export interface OpenRootsOptions {
  readonly tell: StoreTeller;
  readonly cache: IndexCache | null;
  readonly threads: IndexThreads | null;
  /** More of a root is read, or it is read again: what was made of it may be old. */
  onRead(root: OpenRoot): void;
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

/** The roots that are open, and what is asked for by name in them. */
export class OpenRoots {
  readonly #roots = new Map<string, Slot>();
  readonly #options: OpenRootsOptions;

  constructor(options: OpenRootsOptions) {
    this.#options = options;
  }

  /** Reads a root, again if it is open, and returns once there is something to show; the rest is told as it comes. */
  async open(root: string, signal: AbortSignal): Promise<OpenedRoot> {
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
        if (isShown) this.#options.tell("grown", state.describe());
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
      this.#options.tell("progress", { root, done, total, message: path.replace(/^.*[\\/]/, "") });
    };
    const onPartial = (partial: OpenRoot): void => {
      // What was read before is more than the beginning of what is read again.
      if (!isRefreshed || memberCount(partial) >= memberCount(slot.current!)) show(partial);
    };
    const whole = await OpenRoot.open(root, slot.current, {
      signal: AbortSignal.any([signal, slot.gone.signal]),
      onFile,
      onPartial,
      cache: this.#options.cache,
      threads: this.#options.threads,
    });
    show(whole);
    return whole;
  }

  #show(slot: Slot, root: OpenRoot): void {
    slot.current = root;
    this.#options.onRead(root);
  }

  close(root: string): void {
    this.#roots.get(root)?.gone.abort();
    this.#roots.delete(root);
  }

  /** The root as far as it is read, opened if it is not (a trace that comes back after a reload asks first). */
  async root(root: string): Promise<OpenRoot> {
    const slot = this.#roots.get(root);
    if (slot?.current) return slot.current;
    await this.open(root, new AbortController().signal);
    return this.#roots.get(root)!.current!;
  }

  /** The root when all of it is read. */
  async whole(root: string): Promise<OpenRoot> {
    await this.root(root);
    return this.#roots.get(root)!.whole;
  }

  /** @throws UserError `store/run` where there is none of that name any more */
  async run(root: string, name: string): Promise<OpenRoot["runs"][number]> {
    const run = (await this.root(root)).runs.find((one) => one.run === name);
    if (run === undefined)
      throw new UserError("store/run", `${root} holds no run "${name}" any more. Refresh the Rollouts view.`);
    return run;
  }

  /** @throws UserError `store/step` where there is none any more */
  async batch(key: BatchKey): Promise<RunBatch> {
    const batch = (await this.run(key.root, key.run)).batches.find((one) => sameBatch(one.key, key));
    if (batch === undefined)
      throw new UserError(
        "store/step",
        "This train step is not in the log any more. Refresh the Rollouts view.",
      );
    return batch;
  }

  /** @throws UserError `store/group` where there is none any more */
  async group(key: BatchKey, name: string): Promise<Group> {
    const group = (await this.batch(key)).groups.find((one) => one.key === name);
    if (group === undefined)
      throw new UserError("store/group", "This group is not in the log any more. Refresh the Rollouts view.");
    return group;
  }

  /** @throws UserError `store/gone` where there is none any more */
  async find(ref: TrajectoryRef): Promise<Found> {
    const found = (await this.root(ref.root)).find(ref);
    if (found !== null) return found;
    throw new UserError(
      "store/gone",
      `${ref.file} holds no rollout "${ref.id}" (any more). Open another from the Rollouts view.`,
    );
  }

  /** Does something with a trajectory; its file is read again first when it was replaced since it was indexed. */
  async fresh<T>(ref: TrajectoryRef, use: (found: Found) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        const found = await this.find(ref);
        // What a trainer still writes to changes all the time: in the end the records that are known must do.
        if (tries < mostTries && !(await isCurrent(found.member.file))) throw new StaleIndex(ref.file);
        return await use(found);
      } catch (error) {
        if (!(error instanceof StaleIndex) || tries === mostTries) throw error;
        await this.open(ref.root, new AbortController().signal);
      }
    }
  }
}

function memberCount({ runs }: OpenRoot): number {
  return runs.reduce((n, { batches }) => n + batches.reduce((m, { size }) => m + size, 0), 0);
}
