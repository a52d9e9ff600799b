import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A published system that RewardLens is measured by, and what of it works here. */
export interface System {
  readonly n: number;
  readonly name: string;
  readonly paper: string;
  /** What works here, in a sentence or two; for a work that leaves nothing in a trace, why not. */
  readonly works: string;
  /** `code`: checked against the official code; `text`, `memory`, `own`: as the methods say; `none`: nothing to compute. */
  readonly status: "code" | "text" | "memory" | "own" | "none";
  /** Arguments of `rewardlens` that show it, each a line; empty for `none`. */
  readonly shows: readonly string[];
  /** File or folder of this project that demonstrates it; null for `none`. */
  readonly sample: string | null;
}

/** Every system by its number: a file each, so that one can be changed without reading the others. */
export function readSystems(folder: string): readonly System[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as System)
    .toSorted((a, b) => a.n - b.n);
}
