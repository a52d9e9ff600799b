import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseModelManifest } from "../../src/core/head/modelManifest.ts";
import type { ScoredItem, ScoreItem, ScoreSource } from "../../src/protocol/scorer.ts";
import { UserError } from "../../src/protocol/userError.ts";
import { OpenRoot } from "../../src/store/openRoot.ts";
import type { Member } from "../../src/store/run.ts";
import { scoreMembers, type ScoreTally, type ScoreWork } from "../../src/store/scoring/scoreMembers.ts";
import { minimal } from "../core/head/manifests.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "rewardlens-members-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Rollouts `0`, `1`, … whose only step is their number; number 5 has no text. */
async function members(n: number): Promise<readonly Member[]> {
  const path = join(folder, "log.jsonl");
  const line = (i: number): string =>
    JSON.stringify({
      schema: "rewardlens/1",
      id: `r${i}`,
      turns: [
        { role: "user", content: "?" },
        { role: "assistant", content: i === 5 ? "" : `step ${i}` },
      ],
    });
  writeFileSync(path, `${Array.from({ length: n }, (_, i) => line(i)).join("\n")}\n`);
  const root = await OpenRoot.open(path, null);
  return root.runs.flatMap(({ batches }) => batches.flatMap((batch) => batch.members));
}

/**
 * A source that dies as told, which no real model does on demand: everything else about scoring is tested with the
 * real process.
 */
class Fragile implements ScoreSource {
  readonly folder = "";
  readonly manifest = parseModelManifest(minimal);
  readonly kept = new Map<string, ScoredItem>();
  readonly #dies: (items: readonly ScoreItem[], call: number) => boolean;
  calls = 0;

  constructor(dies: (items: readonly ScoreItem[], call: number) => boolean) {
    this.#dies = dies;
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
    for (const [key, item] of entries) this.kept.set(key, item);
  }
  async load(): Promise<{ device: "cpu"; note: string; maxTokens: number }> {
    return { device: "cpu", note: "", maxTokens: 512 };
  }
  async score(items: readonly ScoreItem[]): Promise<readonly ScoredItem[]> {
    if (this.#dies(items, ++this.calls)) throw new UserError("scorer/exited", "gone");
    const none = new Int32Array(0);
    return items.map(() => ({
      part: Float32Array.of(0.5),
      first: Int32Array.of(0, 0),
      start: none,
      end: none,
      ids: none,
      token: new Float32Array(0),
      tokens: 10,
      windows: 1,
    }));
  }
}

function work(
  source: ScoreSource,
  signal = new AbortController().signal,
  onChunk: (tally: ScoreTally) => void = () => {},
): ScoreWork {
  return {
    source,
    options: { device: "cpu", threads: 1 },
    segmentation: undefined,
    signal,
    onChunk: (_, tally) => onChunk(tally),
  };
}

const holds = (items: readonly ScoreItem[], text: string): boolean =>
  items.some(({ parts }) => parts.some((part) => part.text === text));

describe("scoring many rollouts", () => {
  test("counts what was kept before and what has no text", async () => {
    const all = await members(200);
    const source = new Fragile(() => false);
    expect(await scoreMembers(all, work(source))).toMatchObject({
      total: 200,
      done: 200,
      cached: 0,
      empty: 1,
      tokens: 1990,
    });
    expect(await scoreMembers(all, work(source))).toMatchObject({
      done: 200,
      cached: 199,
      empty: 1,
      tokens: 0,
    });
  });

  test("goes on when the process dies now and then", async () => {
    const source = new Fragile((_, call) => call % 3 === 1);
    const tally = await scoreMembers(await members(600), work(source));
    expect(tally).toMatchObject({ done: 600, failed: 0 });
    expect(source.kept.size).toBe(599);
  });

  test("leaves out the one rollout that kills the process, and says so", async () => {
    const source = new Fragile((items) => holds(items, "step 70"));
    const tally = await scoreMembers(await members(200), work(source));
    expect(tally).toMatchObject({ done: 200, failed: 1 });
    expect(source.kept.size).toBe(198);
    expect(source.kept.has("step 70")).toBe(false);
  });

  test("gives up on a process that never lives, and keeps what it had", async () => {
    const source = new Fragile((_, call) => call > 2);
    await expect(scoreMembers(await members(500), work(source))).rejects.toMatchObject({
      code: "scorer/exited",
    });
    expect(source.kept.size).toBeGreaterThanOrEqual(64);
    const healed = new Fragile(() => false);
    for (const [key, item] of source.kept) healed.kept.set(key, item);
    const tally = await scoreMembers(await members(500), work(healed));
    expect(tally.cached).toBe(source.kept.size);
    expect(healed.kept.size).toBe(499);
  });

  test("ends between two chunks when it is cancelled", async () => {
    const controller = new AbortController();
    const source = new Fragile(() => false);
    const stop = (tally: ScoreTally): void => {
      if (tally.done >= 128) controller.abort();
    };
    await expect(
      scoreMembers(await members(2000), work(source, controller.signal, stop)),
    ).rejects.toMatchObject({
      code: "cancelled",
    });
    expect(source.kept.size).toBeGreaterThanOrEqual(127);
    expect(source.kept.size).toBeLessThan(512);
  });
});
