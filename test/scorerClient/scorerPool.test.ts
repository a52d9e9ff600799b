import * as fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { parseModelManifest } from "../../src/core/head/modelManifest.ts";
import type { ScoredEntry, ScoreItem } from "../../src/protocol/scorer.ts";
import { UserError } from "../../src/protocol/userError.ts";
import { ScorerPool } from "../../src/scorerClient/scorerPool.ts";
import { minimal } from "../core/head/manifests.ts";
import { inSteps, stepScores } from "../scorer/scoreItems.ts";
import { type FakeOptions, FakeProcesses, textOf } from "./fakeProcess.ts";

const never = new AbortController().signal;
const files = { model: "", tokenizer: "", config: "", reference: null, bytes: 1 };
const pools: ScorerPool[] = [];
afterEach(() => {
  for (const pool of pools.splice(0)) pool.end(new UserError("cancelled", "over"));
});

interface FakePool {
  readonly threads?: number;
  readonly bytes?: number;
  readonly manifest?: object;
  readonly onDistrust?: () => void;
}

function poolOf(
  fakes: FakeProcesses,
  { threads = 1, bytes = 1, manifest = {}, onDistrust }: FakePool = {},
): ScorerPool {
  const pool = new ScorerPool({
    files: { ...files, bytes, manifest: parseModelManifest({ ...minimal, ...manifest }) },
    options: { device: "cpu", threads },
    start: fakes.start,
    log: () => {},
    onDistrust,
    patienceMs: 150,
    backOffMs: 1,
  });
  pools.push(pool);
  return pool;
}

/** Items of all lengths whose texts are all different. */
const items = (n: number, size = 1): ScoreItem[] =>
  Array.from({ length: n }, (_, i) => inSteps(`p${i}`, "x".repeat(i * size)));
const holding = (run: readonly ScoreItem[], ...lengths: readonly number[]): boolean =>
  run.some((item) => lengths.includes(textOf(item).length));

/** Scores and checks that every item came back once, with its own score. */
async function scoreAll(pool: ScorerPool, wanted: readonly ScoreItem[]): Promise<readonly (number | null)[]> {
  const told = new Map<number, number | null>();
  const onScored = (scored: readonly ScoredEntry[]): void => {
    for (const [i, item] of scored) {
      expect(told.has(i)).toBe(false);
      told.set(i, item === null ? null : stepScores(item)[0]!);
    }
  };
  const results = await pool.score(wanted, { signal: never, onScored });
  const scores = results.map((item) => (item === null ? null : stepScores(item)[0]!));
  scores.forEach((score, i) => {
    expect(told.get(i)).toBe(score);
    if (score !== null) expect(score).toBe(textOf(wanted[i]!).length);
  });
  return scores;
}

describe("a pool of processes", () => {
  test("gives results in the order of the items, and each as it comes", async () => {
    const fakes = new FakeProcesses();
    expect(await scoreAll(poolOf(fakes), items(50))).not.toContain(null);
    expect(fakes.started).toEqual([1]);
    expect(await scoreAll(poolOf(fakes), [])).toEqual([]);
  });

  test("has as many processes as cores for a small model and much work, and one for a large one or little work", async () => {
    const much = items(400, 100);
    const small = new FakeProcesses({ runMs: () => 1 });
    await scoreAll(poolOf(small, { threads: 3 }), much);
    expect(small.started.length).toBe(3);
    const large = new FakeProcesses();
    await scoreAll(poolOf(large, { threads: 3, bytes: 2 ** 30 }), much);
    expect(large.started.length).toBe(1);
    const little = new FakeProcesses();
    await scoreAll(poolOf(little, { threads: 3 }), items(5));
    expect(little.started.length).toBe(1);
  });

  test("shares out fewer tokens of a model whose tokens take longer", async () => {
    // 0 + 20 + … + 940 characters are some 7500 tokens: less than two jobs of a tiny model, many of one of 190 MB.
    const some = items(48, 20);
    const wide = new FakeProcesses({ runMs: () => 5 });
    await scoreAll(poolOf(wide, { threads: 2, bytes: 1.9e8 }), some);
    expect(wide.started.length).toBe(2);
    const shares = [1, 2].map((pid) => wide.scoredBy.get(pid)!.length);
    expect(Math.min(...shares)).toBeGreaterThan(10);
    const tiny = new FakeProcesses({ runMs: () => 5 });
    await scoreAll(poolOf(tiny, { threads: 2, bytes: 2.5e6 }), some);
    expect(tiny.started.length).toBe(1);
  });

  test("gives out small jobs at the end of all calls, and not at the end of one that others follow", async () => {
    // Some 19,000 tokens each: the last jobs have 4096.
    const calls = [items(48, 50), items(48, 51)];
    const alone = new FakeProcesses({ runMs: () => 2 });
    const first = poolOf(alone, { threads: 2 });
    for (const call of calls) await scoreAll(first, call);
    const together = new FakeProcesses({ runMs: () => 2 });
    const second = poolOf(together, { threads: 2 });
    await Promise.all(calls.map((call) => scoreAll(second, call)));
    expect(together.jobs.length).toBeLessThan(alone.jobs.length);
    expect(Math.min(...together.jobs.slice(0, 2))).toBeGreaterThan(Math.min(...alone.jobs.slice(0, 2)));
  });

  test("is not held up by a slow process", async () => {
    const fakes = new FakeProcesses({ runMs: (pid) => (pid === 1 ? 60 : 1) });
    await scoreAll(poolOf(fakes, { threads: 2 }), items(400, 60));
    const [slow, fast] = [1, 2].map((pid) => fakes.scoredBy.get(pid)!.length);
    expect(fast!).toBeGreaterThan(2 * slow!);
  });

  test("says once that a GPU was found wrong, and goes on", async () => {
    let distrusted = 0;
    const pool = poolOf(new FakeProcesses({ wrongFrom: 5 }), { onDistrust: () => distrusted++ });
    expect(await scoreAll(pool, items(60))).not.toContain(null);
    expect(distrusted).toBe(1);
    expect((await pool.load(never)).device).toBe("cpu");
    const refusing = new FakeProcesses({
      does: () => {
        throw new UserError("scorer/device", "The device webgpu cannot be used.");
      },
    });
    const refused = poolOf(refusing, { onDistrust: () => distrusted++ });
    await expect(scoreAll(refused, items(60))).rejects.toThrow("cannot be used");
    expect(distrusted).toBe(2);
  });

  test("keeps rollouts of a prompt together where it can be computed once", async () => {
    const fakes = new FakeProcesses({ runMs: () => 1 });
    const mixed = Array.from({ length: 160 }, (_, i) => inSteps(`p${i % 10}`, "x".repeat(500 + 3 * i)));
    await scoreAll(poolOf(fakes, { threads: 2, manifest: { inputs: { past: "past" } } }), mixed);
    const promptOf = new Map(mixed.map((item) => [textOf(item), item.prompt]));
    const changes = [...fakes.scoredBy.values()].map((texts) => {
      const prompts = texts.map((text) => promptOf.get(text)!);
      return prompts.filter((prompt, k) => prompt !== prompts[k - 1]).length;
    });
    // Ten prompts, each once.
    expect(changes.reduce((a, b) => a + b, 0)).toBe(10);
  });
});

describe("a process that dies", () => {
  test("now and then costs no score and doubles none", async () => {
    const fakes = new FakeProcesses({ does: (_, run) => (run % 3 === 1 ? "die" : "score") });
    expect(await scoreAll(poolOf(fakes), items(300))).not.toContain(null);
  });

  test("loses the run that was under way and nothing else", async () => {
    let ran = 0;
    const does: FakeOptions["does"] = (run, number) => {
      ran += run.length;
      return number === 10 ? "die" : "score";
    };
    await scoreAll(poolOf(new FakeProcesses({ does })), items(100));
    expect(ran).toBe(104);
  });

  test("of one rollout is given that one twice in company and four times by itself, and its neighbours lose nothing", async () => {
    const deaths: number[] = [];
    const does: FakeOptions["does"] = (run) => {
      if (!holding(run, 70)) return "score";
      deaths.push(run.length);
      return "die";
    };
    const scores = await scoreAll(poolOf(new FakeProcesses({ does })), items(100));
    expect(scores.flatMap((score, i) => (score === null ? [i] : []))).toEqual([70]);
    expect(deaths).toEqual([4, 4, 1, 1, 1, 1]);
  });

  test("of many rollouts loses these alone", async () => {
    const poison = [3, 4, 5, 20, 40, 60, 61, 80, 99];
    const does: FakeOptions["does"] = (run) => (holding(run, ...poison) ? "die" : "score");
    for (const threads of [1, 3]) {
      const scores = await scoreAll(poolOf(new FakeProcesses({ does }), { threads }), items(100));
      expect(scores.flatMap((score, i) => (score === null ? [i] : []))).toEqual(poison);
    }
  });

  test("because somebody ended it while a rollout was alone with it costs that rollout nothing", async () => {
    let kills = 0;
    const does: FakeOptions["does"] = (run) => (holding(run, 64) && ++kills <= 5 ? "die" : "score");
    expect(await scoreAll(poolOf(new FakeProcesses({ does })), items(100))).not.toContain(null);
    expect(kills).toBe(6);
  });

  test("whatever it scores is given up, and what it gave back before is kept", async () => {
    const fakes = new FakeProcesses({ does: (_, run) => (run > 2 ? "die" : "score") });
    const kept: ScoredEntry[] = [];
    const running = poolOf(fakes).score(items(100), {
      signal: never,
      onScored: (scored) => kept.push(...scored),
    });
    await expect(running).rejects.toMatchObject({ code: "scorer/exited" });
    expect(kept.length).toBe(8);
  });

  test("while it loads is tried again, but not for ever", async () => {
    const once = new FakeProcesses({ load: (pid) => (pid === 1 ? "die" : "ready") });
    expect(await scoreAll(poolOf(once), items(10))).not.toContain(null);
    const always = new FakeProcesses({ load: () => "die" });
    await expect(poolOf(always).score(items(10), { signal: never })).rejects.toMatchObject({
      code: "scorer/exited",
    });
    expect(always.started.length).toBeLessThan(8);
    await expect(poolOf(always).load(never)).rejects.toMatchObject({ code: "scorer/exited" });
  });

  test("at any time loses and doubles nothing", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(59), { maxLength: 4 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 8 }),
        fc.integer({ min: 1, max: 3 }),
        async (poison, deaths, threads) => {
          let sinceDeath = 9;
          const does: FakeOptions["does"] = (run, number) => {
            const dies = holding(run, ...poison) || (deaths.includes(number) && sinceDeath > 1);
            sinceDeath = dies ? 0 : sinceDeath + 1;
            return dies ? "die" : "score";
          };
          const scores = await scoreAll(poolOf(new FakeProcesses({ does }), { threads }), items(60, 1));
          scores.forEach((score, i) => {
            if (!poison.includes(i)) expect(score).not.toBeNull();
            else expect(score).toBeNull();
          });
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe("cancelling", () => {
  test("ends a call within 200 ms, and the next one finds its process free", async () => {
    const fakes = new FakeProcesses({ runMs: () => 20 });
    const pool = poolOf(fakes);
    const controller = new AbortController();
    const running = pool.score(items(1000), { signal: controller.signal });
    setTimeout(() => controller.abort(), 100);
    await expect(running).rejects.toMatchObject({ code: "cancelled" });
    const runs = fakes.runs;
    await scoreAll(pool, items(3));
    expect(fakes.started).toEqual([1]);
    expect(fakes.runs - runs).toBeLessThanOrEqual(2);
  });

  test("a run that hangs ends its process; another takes its place, and other calls lose nothing", async () => {
    const fakes = new FakeProcesses({ does: (run) => (holding(run, 9) ? "hang" : "score") });
    const pool = poolOf(fakes);
    const controller = new AbortController();
    const hanging = pool.score(items(12), { signal: controller.signal });
    const other = scoreAll(pool, items(8));
    setTimeout(() => controller.abort(), 50);
    const started = performance.now();
    await expect(hanging).rejects.toMatchObject({ code: "cancelled" });
    expect(performance.now() - started).toBeLessThan(200);
    expect(await other).not.toContain(null);
    expect(fakes.alive).toEqual(new Set([2]));
  });

  test("while the model loads ends the loading", async () => {
    const fakes = new FakeProcesses();
    const pool = poolOf(fakes);
    const controller = new AbortController();
    const loading = pool.load(controller.signal);
    controller.abort();
    await expect(loading).rejects.toMatchObject({ code: "cancelled" });
    expect(fakes.alive.size).toBe(0);
    await expect(pool.score(items(3), { signal: controller.signal })).rejects.toMatchObject({
      code: "cancelled",
    });
    expect((await pool.load(never)).device).toBe("cpu");
  });
});

test("what is wrong with a model ends the call, and is tried anew by the next", async () => {
  let isWrong = true;
  const wrong = new UserError("scorer/model", "model.onnx: is no model");
  const fakes = new FakeProcesses({ load: () => (isWrong ? wrong : "ready") });
  const pool = poolOf(fakes);
  await expect(pool.load(never)).rejects.toBe(wrong);
  await expect(pool.score(items(3), { signal: never })).rejects.toBe(wrong);
  expect(fakes.alive.size).toBe(0);
  isWrong = false;
  await scoreAll(pool, items(3));
});

test("a process that cannot be started beside others leaves the work to them", async () => {
  const fakes = new FakeProcesses({
    load: (pid) => (pid === 1 ? "ready" : new UserError("scorer/model", "too little memory")),
    runMs: () => 1,
  });
  expect(await scoreAll(poolOf(fakes, { threads: 4 }), items(300, 100))).not.toContain(null);
});
