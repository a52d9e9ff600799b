import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ScoreItem, ScoreSource } from "../../src/protocol/scorer.ts";
import { OpenRoot } from "../../src/store/openRoot.ts";
import type { Member } from "../../src/store/runBatch.ts";
import { scoreMembers, type ScoreTally, type ScoreWork } from "../../src/store/scoring/scoreMembers.ts";
import { Fragile } from "./fragileSource.ts";

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

  test("a process that somebody ends just when a rollout is alone with it costs that rollout nothing", async () => {
    let kills = 0;
    // The chunk dies twice, so that its rollouts are tried one by one; then the first of them dies twice as well.
    const source = new Fragile((items) => holds(items, "step 64") && ++kills <= 4);
    const tally = await scoreMembers(await members(200), work(source));
    expect(kills).toBeGreaterThan(4);
    expect(tally).toMatchObject({ total: 200, done: 200, failed: 0 });
    expect(source.kept.size).toBe(199);
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
