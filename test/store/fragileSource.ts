import { parseModelManifest } from "../../src/core/head/modelManifest.ts";
import { scorerOf } from "../../src/core/head/scorer.ts";
import type {
  LoadedModel,
  LoadOptions,
  ScoredEntry,
  ScoredItem,
  ScoreItem,
  ScoreSource,
} from "../../src/protocol/scorer.ts";
import { UserError } from "../../src/protocol/userError.ts";
import { minimal } from "../core/head/manifests.ts";

export interface FragileOptions {
  /** What becomes of an item; `gone` ends the call, as processes do that die whatever they score. */
  readonly fate?: (item: ScoreItem, scored: number) => "scored" | "failed" | "gone";
  /** Items that come back together. */
  readonly atOnce?: number;
  /** Items after which the GPU that scored them is found wrong: they are forgotten, and a CPU goes on. */
  readonly wrongAfter?: number;
}

/**
 * A source whose items meet the fate they are told to, which no real model does on demand. How processes die and are
 * replaced is tested with the pool, and all else about scoring with the real process.
 */
export class Fragile implements ScoreSource {
  readonly folder = "";
  readonly scorer = scorerOf(parseModelManifest(minimal));
  readonly kept = new Map<string, ScoredItem>();
  /** How often each key was kept. */
  readonly keeps = new Map<string, number>();
  /** Items of each call. */
  readonly calls: number[] = [];
  readonly #options: FragileOptions;
  #scored = 0;
  #onGpu: boolean;

  constructor(options: FragileOptions = {}) {
    this.#options = options;
    this.#onGpu = options.wrongAfter !== undefined;
  }

  async refresh(): Promise<void> {}
  keyOf(item: ScoreItem): string {
    return item.parts[0]?.text ?? "";
  }
  has(key: string): boolean {
    return this.kept.has(key);
  }
  async cached(keys: readonly string[]): Promise<readonly (ScoredItem | null)[]> {
    return keys.map((key) => this.kept.get(key) ?? null);
  }
  async keep(entries: readonly (readonly [string, ScoredItem])[]): Promise<void> {
    for (const [key, item] of entries) {
      if (item.onGpu && !this.#onGpu) continue;
      this.kept.set(key, item);
      this.keeps.set(key, (this.keeps.get(key) ?? 0) + 1);
    }
  }
  async load(): Promise<LoadedModel> {
    return { device: "cpu", note: "", selfCheck: null, maxTokens: 512 };
  }

  async score(
    items: readonly ScoreItem[],
    _options: LoadOptions,
    signal: AbortSignal,
    onScored?: (scored: readonly ScoredEntry[]) => void,
  ): Promise<readonly (ScoredItem | null)[]> {
    const { fate = () => "scored", atOnce = 7 } = this.#options;
    this.calls.push(items.length);
    const results: (ScoredItem | null)[] = items.map(() => null);
    for (let from = 0; from < items.length; from += atOnce) {
      await new Promise((go) => setTimeout(go, 0));
      if (this.#onGpu && this.#scored >= this.#options.wrongAfter!) {
        this.#onGpu = false;
        for (const [key, item] of this.kept) if (item.onGpu) this.kept.delete(key);
      }
      if (signal.aborted) throw new UserError("cancelled", "Cancelled");
      const entries: ScoredEntry[] = [];
      for (let i = from; i < Math.min(from + atOnce, items.length); i++) {
        const end = fate(items[i]!, this.#scored++);
        if (end === "gone") throw new UserError("scorer/exited", "gone");
        if (end === "scored") results[i] = { ...half(), onGpu: this.#onGpu };
        entries.push([i, results[i]!]);
      }
      onScored?.(entries);
    }
    return results;
  }
}

/** A step that is right with a probability of a half. */
export function half(): ScoredItem {
  const none = new Int32Array(0);
  return {
    first: Int32Array.of(0, 0),
    start: none,
    end: none,
    ids: none,
    columns: [{ name: "prm", level: "step", values: Float32Array.of(0.5) }],
    tokens: 10,
    windows: 1,
    onGpu: false,
  };
}
