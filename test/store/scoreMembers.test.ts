import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ScoreSource } from "../../src/protocol/scorer.ts";
import { OpenRoot } from "../../src/store/openRoot.ts";
import type { Member } from "../../src/store/runBatch.ts";
import { scoreMembers, type ScoreTally, type ScoreWork } from "../../src/store/scoring/scoreMembers.ts";
import { Fragile } from "./fragileSource.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "rewardlens-members-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Rollouts whose only step is what `text` says of their number: the number itself; number 5 has no text. */
async function members(n: number, text = (i: number) => `step ${i}`): Promise<readonly Member[]> {
  const path = join(folder, "log.jsonl");
  const line = (i: number): string =>
    JSON.stringify({
      schema: "rewardlens/1",
      id: `r${i}`,
      turns: [
        { role: "user", content: "?" },
        { role: "assistant", content: i === 5 ? "" : text(i) },
      ],
    });
  writeFileSync(path, `${Array.from({ length: n }, (_, i) => line(i)).join("\n")}\n`);
  const root = await OpenRoot.open(path, null);
  return root.runs.flatMap(({ batches }) => batches.flatMap((batch) => batch.members));
}

function work(
  source: ScoreSource,
  signal = new AbortController().signal,
  onChunk: ScoreWork["onChunk"] = () => {},
): ScoreWork {
  return { source, options: { device: "cpu", threads: 1 }, segmentation: undefined, signal, onChunk };
}

describe("scoring many rollouts", () => {
  test("counts what was kept before and what has no text", async () => {
    const all = await members(200);
    const source = new Fragile();
    const told = { total: 200, done: 200, windowed: 0, failed: 0, empty: 1 };
    expect(await scoreMembers(all, work(source))).toEqual({ ...told, cached: 0, tokens: 1990 });
    expect(await scoreMembers(all, work(source))).toEqual({ ...told, cached: 199, tokens: 0 });
    expect(source.calls.reduce((a, b) => a + b, 0)).toBe(199);
  });

  test("keeps scores as they come and tells of each rollout once, when its score is kept", async () => {
    const all = await members(1200);
    const source = new Fragile();
    const told = new Set<Member>();
    let chunks = 0;
    const onChunk = (chunk: readonly Member[], { done }: ScoreTally): void => {
      chunks++;
      for (const member of chunk) {
        expect(told.has(member)).toBe(false);
        told.add(member);
      }
      expect(done).toBe(told.size);
      // The one without text is told of, but has no score to keep.
      expect(source.kept.size).toBeGreaterThanOrEqual(told.size - 1);
    };
    await scoreMembers(all, work(source, undefined, onChunk));
    expect(told.size).toBe(1200);
    expect(chunks).toBeGreaterThan(1200 / 8);
  });

  test("scores again what a GPU had scored before it was found wrong", async () => {
    const all = await members(300);
    const source = new Fragile({ wrongAfter: 100 });
    const last = new Map<Member, number>();
    let dones = 0;
    const onChunk = (chunk: readonly Member[], { done }: ScoreTally): void => {
      for (const member of chunk) last.set(member, ++dones);
      expect(done).toBeLessThanOrEqual(300);
    };
    const tally = await scoreMembers(all, work(source, undefined, onChunk));
    expect(tally).toMatchObject({ total: 300, done: 300, empty: 1, failed: 0 });
    expect(source.kept.size).toBe(299);
    expect([...source.kept.values()].some(({ onGpu }) => onGpu)).toBe(false);
    // Each was told of, and those of the GPU once more.
    expect(last.size).toBe(300);
    expect(dones).toBeGreaterThanOrEqual(400);
  });

  test("asks for few at first and for many then", async () => {
    const source = new Fragile();
    await scoreMembers(await members(2000), work(source));
    expect(source.calls[0]).toBeLessThanOrEqual(64);
    expect(Math.max(...source.calls)).toBeGreaterThanOrEqual(500);
    const long = new Fragile();
    await scoreMembers(await members(300, (i) => `${i} `.repeat(20_000)), work(long));
    // Not more than a few megabytes of text at a time.
    expect(Math.max(...long.calls)).toBeLessThanOrEqual(128);
  });

  test("scores equal rollouts once, wherever they stand", async () => {
    const source = new Fragile();
    const tally = await scoreMembers(await members(1000, (i) => `step ${i % 10}`), work(source));
    expect(tally).toMatchObject({ total: 1000, done: 1000, empty: 1 });
    expect(source.kept.size).toBe(10);
    expect(Math.max(...source.keeps.values())).toBe(1);
  });

  test("leaves out what cannot be scored, and says so", async () => {
    const source = new Fragile({ fate: ({ parts }) => (parts[0]!.text === "step 70" ? "failed" : "scored") });
    const tally = await scoreMembers(await members(200), work(source));
    expect(tally).toMatchObject({ done: 200, failed: 1 });
    expect(source.kept.size).toBe(198);
    expect(source.kept.has("step 70")).toBe(false);
  });

  test("ends where the processes keep dying, keeps what it had, and does only the rest the next time", async () => {
    const source = new Fragile({ fate: (_, scored) => (scored >= 140 ? "gone" : "scored") });
    await expect(scoreMembers(await members(500), work(source))).rejects.toMatchObject({
      code: "scorer/exited",
    });
    expect(source.kept.size).toBeGreaterThan(100);
    const healed = new Fragile();
    for (const [key, item] of source.kept) healed.kept.set(key, item);
    const tally = await scoreMembers(await members(500), work(healed));
    expect(tally.cached).toBe(source.kept.size);
    expect(healed.kept.size).toBe(499);
  });

  test("ends when it is cancelled, and keeps what had come", async () => {
    const controller = new AbortController();
    const source = new Fragile();
    const onChunk = (_: readonly Member[], { done }: ScoreTally): void => {
      if (done >= 128) controller.abort();
    };
    const running = scoreMembers(await members(2000), work(source, controller.signal, onChunk));
    await expect(running).rejects.toMatchObject({ code: "cancelled" });
    expect(source.kept.size).toBeGreaterThanOrEqual(127);
    expect(source.kept.size).toBeLessThan(200);
  });
});
