import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { constants, getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { LoadOptions, ScoredEntry } from "../../src/protocol/scorer.ts";
import { LocalScorers, type LocalScorersOptions } from "../../src/scorerClient/localScorers.ts";
import { OpenRoot } from "../../src/store/openRoot.ts";
import type { Member } from "../../src/store/runBatch.ts";
import { scoreMembers, type ScoreWork } from "../../src/store/scoring/scoreMembers.ts";
import { buildScorer, bundledModel } from "../scorer/program.ts";
import { inOneTurn, inSteps, stepScores, tokenValues } from "../scorer/scoreItems.ts";
import { byteLevelVocabulary } from "../scorer/vocabulary.ts";

// The real processes: what becomes of scores when they are killed, hang, or run out of memory.
const one: LoadOptions = { device: "cpu", threads: 1 };
const never = new AbortController().signal;
let scorerFile: string;
let folder: string;
let opened: LocalScorers[];

beforeAll(() => {
  scorerFile = buildScorer("processes");
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rewardlens-processes-"));
  opened = [];
});
afterEach(async () => {
  for (const scorers of opened) await scorers.dispose();
  rmSync(folder, { recursive: true, force: true });
});

function scorersWith(options: Partial<LocalScorersOptions> = {}): LocalScorers {
  const cacheFolder = join(folder, "cache");
  const scorers = new LocalScorers({ scorerFile, cacheFolder, log: () => {}, ...options });
  opened.push(scorers);
  return scorers;
}

/** A folder of a critic of fixtures/hostile: the letter z is what it does harm with. */
function hostile(name: "slow" | "hungry"): string {
  const path = join(folder, name);
  mkdirSync(path);
  const onnx = fileURLToPath(new URL(`../fixtures/hostile/${name}.onnx`, import.meta.url));
  copyFileSync(onnx, join(path, "model.onnx"));
  writeFileSync(join(path, "tokenizer.json"), JSON.stringify(byteLevelVocabulary()));
  writeFileSync(join(path, "config.json"), "{}");
  const manifest = {
    schema: "rewardlens.model/1",
    id: name,
    head: "valueHead",
    template: { before: ["{prompt}"], eachTurn: ["{content}"] },
    read: { at: "everyToken", shift: -1 },
    output: { name: "values" },
    inputs: { mask: null },
    limits: { maxTokens: 512 },
  };
  writeFileSync(join(path, "rewardlens.model.json"), JSON.stringify(manifest));
  return path;
}

const rollout = (i: number): string => `Tom has ${i} + 5 = ${i + 5} apples.`;

async function logOf(n: number): Promise<OpenRoot> {
  const path = join(folder, "log.jsonl");
  const line = (i: number): string =>
    JSON.stringify({
      schema: "rewardlens/1",
      id: `r${i}`,
      turns: [
        { role: "user", content: `Tom has ${i} apples and buys 5.` },
        { role: "assistant", content: `${rollout(i)}\n\nThe answer is ${i + 5}.` },
      ],
    });
  writeFileSync(path, `${Array.from({ length: n }, (_, i) => line(i)).join("\n")}\n`);
  return OpenRoot.open(path, null);
}

test("processes that are killed twenty times in a row lose no score and double none", async () => {
  const killed = new Set<number>();
  let deaths = 0;
  const scorers = scorersWith({ log: (said) => void (deaths += /died/.test(said) ? 1 : 0) });
  const source = await scorers.open(hostile("slow"));
  const root = await logOf(1500);
  const members = root.runs.flatMap(({ batches }) => batches.flatMap((batch) => batch.members));
  const done = new Set<Member>();
  const work: ScoreWork = {
    source,
    options: { device: "cpu", threads: 2 },
    segmentation: undefined,
    signal: never,
    onChunk(chunk) {
      for (const member of chunk) {
        expect(done.has(member)).toBe(false);
        done.add(member);
      }
      // In the middle of the work: whenever scores have come and something is left.
      const pid = scorers.pids.find((one) => !killed.has(one));
      if (killed.size === 20 || pid === undefined) return;
      expect(done.size).toBeLessThan(1500);
      killed.add(pid);
      process.kill(pid, "SIGKILL");
    },
  };
  expect(await scoreMembers(members, work)).toMatchObject({ total: 1500, done: 1500, failed: 0, cached: 0 });
  expect(killed.size).toBe(20);
  // One that is killed while it has nothing to do need not be missed before the end.
  expect(deaths).toBeGreaterThanOrEqual(18);
  // One record each: a second look finds all of them, and the segments hold no other.
  expect(await scoreMembers(members, { ...work, onChunk: () => {} })).toMatchObject({
    done: 1500,
    cached: 1500,
    tokens: 0,
  });
  await scorers.dispose();
  expect(recordsIn(join(folder, "cache", "scores"))).toBe(1500);
}, 120_000);

/** Counts records by the lengths they begin with (scoredRecord.ts). */
function recordsIn(scores: string): number {
  let records = 0;
  for (const digest of readdirSync(scores)) {
    for (const name of readdirSync(join(scores, digest))) {
      const bytes = readFileSync(join(scores, digest, name));
      for (let at = 0; at < bytes.length; at += 28 + bytes.readUInt32LE(at)) records++;
    }
  }
  return records;
}

test("scores come back while others are computed, the same as from one process", async () => {
  const source = await scorersWith().open(bundledModel);
  const items = Array.from({ length: 150 }, (_, i) =>
    inSteps(`Tom has ${i} apples.`, ...Array.from({ length: 1 + (i % 9) }, (_unused, k) => rollout(i + k))),
  );
  const told: number[] = [];
  const onScored = (scored: readonly ScoredEntry[]): void => void told.push(...scored.map(([i]) => i));
  const scored = await source.score(items, { device: "cpu", threads: 2 }, never, onScored);
  expect(told.toSorted((a, b) => a - b)).toEqual([...items.keys()]);
  const alone = await source.score(items.slice(0, 20), one, never);
  alone.forEach((item, i) =>
    stepScores(item).forEach((score, p) => expect(stepScores(scored[i])[p]!).toBeCloseTo(score, 4)),
  );
});

test("a run that hangs is ended with its process when it is cancelled, at once for who waits", async () => {
  const scorers = scorersWith({ patienceMs: 300 });
  const source = await scorers.open(hostile("slow"));
  await source.load(one, never);
  const [before] = scorers.pids;
  const controller = new AbortController();
  const seen: number[] = [];
  const items = [inOneTurn("ab", "z"), ...Array.from({ length: 40 }, () => inOneTurn("ab", "c".repeat(50)))];
  const running = source.score(items, one, controller.signal, (scored) =>
    seen.push(...scored.map(([i]) => i)),
  );
  await setTimeout(500);
  const cancelled = performance.now();
  controller.abort();
  await expect(running).rejects.toMatchObject({ code: "cancelled" });
  expect(performance.now() - cancelled).toBeLessThan(200);
  // The others were done, the longer ones first; the run of the one that hangs still holds the process.
  expect(seen.length).toBeGreaterThan(20);
  expect(seen).not.toContain(0);
  const [scored] = await source.score([inOneTurn("ab", "c")], one, never);
  expect(tokenValues(scored)[0]).toBeCloseTo((97 + 98 + 8) / 100, 4);
  expect(scorers.pids).not.toContain(before);
  expect(() => process.kill(before!, 0)).toThrow();
});

test("what is queued stops within 200 ms, and the process is free for the next call", async () => {
  // More patience than the test has: the process stops by itself or the test fails.
  const scorers = scorersWith({ patienceMs: 300_000 });
  const source = await scorers.open(bundledModel);
  await source.load(one, never);
  const [before] = scorers.pids;
  const many = Array.from({ length: 3000 }, (_, k) => inSteps(`${k}`, ...Array<string>(30).fill(rollout(k))));
  const controller = new AbortController();
  const running = source.score(many, one, controller.signal);
  await setTimeout(400);
  const cancelled = performance.now();
  controller.abort();
  await expect(running).rejects.toMatchObject({ code: "cancelled" });
  expect(performance.now() - cancelled).toBeLessThan(200);
  await source.score([inSteps("1", rollout(1))], one, never);
  // After the run that was under way, and long before the three thousand.
  expect(scorers.pids).toEqual([before]);
});

test("a text for which there is too little memory is left out, and no other", async () => {
  const source = await scorersWith().open(hostile("hungry"));
  const items = ["cde", "z", "cd", "c", "ccc", "dd"].map((text) => inOneTurn("ab", text));
  const scored = await source.score(items, one, never);
  expect(scored.map((item) => item === null)).toEqual([false, true, false, false, false, false]);
});

test("processes let others go first", async () => {
  const scorers = scorersWith();
  const source = await scorers.open(bundledModel);
  await source.load(one, never);
  // Whoever runs the tests may have been started with less.
  const low = Math.max(getPriority(), constants.priority.PRIORITY_BELOW_NORMAL);
  expect(scorers.pids.map((pid) => getPriority(pid))).toEqual([low]);
});

test("processes that idle end, and the next call starts others", async () => {
  const scorers = scorersWith({ idleMs: 100 });
  const source = await scorers.open(hostile("slow"));
  await source.load(one, never);
  const [pid] = scorers.pids;
  await setTimeout(600);
  expect(scorers.pids).toEqual([]);
  expect(() => process.kill(pid!, 0)).toThrow();
  expect(await source.score([inOneTurn("ab", "c")], one, never)).toHaveLength(1);
});
