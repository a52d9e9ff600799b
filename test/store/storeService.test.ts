import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CreditView, RowQuery, StoreApi } from "../../src/protocol/store.ts";
import type { Scorers } from "../../src/protocol/scorer.ts";
import { StoreService } from "../../src/store/storeService.ts";
import { Fragile, half } from "./fragileSource.ts";

const samples = fileURLToPath(new URL("../../samples", import.meta.url));
const all: RowQuery = { sort: "log", descending: false, filter: "", from: 0, to: 1000 };
let folder: string;
let store: StoreApi;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rewardlens-store-"));
  store = apiOf(new StoreService());
});

function apiOf(service: StoreService): StoreApi {
  const handlers = service.handlers() as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  const context = { signal: new AbortController().signal };
  return new Proxy({} as StoreApi, {
    get:
      (_, name) =>
      (...args: unknown[]) =>
        handlers[name as string]!(context, ...args),
  });
}

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const row = (id: number, group: string, score: number, output = "1. One.\n2. Two."): string =>
  `${JSON.stringify({ input: `user\nQuestion ${group}?\nassistant\n`, output, score, step: 1, uid: `${group}_${id}_0` })}\n`;

/** Scorers that only open. */
function scorersWith(open: Scorers["open"]): Scorers {
  const never = async (): Promise<never> => Promise.reject(new Error("not asked for here"));
  const graphs = { graphs: never, keepAgreement: never };
  return { open, list: async () => [], describe: never, dryRun: never, ...graphs };
}

describe("a folder", () => {
  test("is one run of train steps over its files, in the order of their numbers", async () => {
    for (const step of [1, 2, 10])
      writeFileSync(join(folder, `${step}.jsonl`), row(0, "a", step).replace('"step":1', `"step":${step}`));
    const { runs } = await store.open(folder);
    expect(runs).toMatchObject([{ run: folder, files: 3, trajectories: 3, batches: 3, formats: ["verl"] }]);
    const { rows } = await store.batches(folder, folder, all);
    expect(rows.map(({ key, meanReward }) => [key.trainStep, meanReward])).toEqual([
      [1, 1],
      [2, 2],
      [10, 10],
    ]);
  });

  test("keeps validation apart from training", async () => {
    cpSync(join(samples, "verl-run"), folder, { recursive: true });
    const { rows } = await store.batches(folder, folder, { ...all, ...(await store.open(folder), {}) });
    expect(rows.map(({ key, trajectories }) => [key.trainStep, key.split, trajectories])).toEqual([
      [1, "train", 12],
      [2, "train", 12],
      [3, "train", 12],
      [3, "validation", 4],
    ]);
  });

  test("without logs has no runs, hides hidden folders, and a loop of links ends", async () => {
    mkdirSync(join(folder, ".git"));
    writeFileSync(join(folder, ".git", "x.jsonl"), row(0, "a", 1));
    writeFileSync(join(folder, "notes.txt"), "hello");
    writeFileSync(join(folder, "curve.jsonl"), '{"step":1,"data":{"loss":1}}\n');
    symlinkSync(folder, join(folder, "loop"));
    expect(await store.open(folder)).toMatchObject({ runs: [], issues: [], skipped: 1 });
  });
});

describe("groups and rollouts", () => {
  test("carry reward, spread and the mark of no signal, in pages, sorted and filtered", async () => {
    const file = join(folder, "1.jsonl");
    writeFileSync(
      file,
      [row(0, "a", 1), row(1, "a", 0), row(0, "b", 0.5), row(1, "b", 0.5), row(0, "c", 1)].join(""),
    );
    await store.open(file);
    const [batch] = (await store.batches(file, file, all)).rows;
    expect(batch).toMatchObject({ trajectories: 5, groups: 3, groupsWithoutSignal: 1 });
    const groups = (await store.groups(batch!.key, all)).rows;
    expect(
      groups.map(({ group, meanReward, stdReward, noSignal }) => [group, meanReward, stdReward, noSignal]),
    ).toEqual([
      ["a", 0.5, Math.SQRT1_2, false],
      ["b", 0.5, 0, true],
      ["c", 1, NaN, false],
    ]);
    const page = await store.groups(batch!.key, { ...all, sort: "spread", descending: true, from: 0, to: 2 });
    expect([page.total, page.rows.map(({ group }) => group)]).toEqual([3, ["a", "b"]]);
    const silent = await store.groups(batch!.key, { ...all, filter: "signal:none" });
    expect(silent.rows.map(({ group }) => group)).toEqual(["b"]);
    const rollouts = await store.rollouts(batch!.key, groups[0]!.key, { ...all, sort: "reward" });
    expect(rollouts.rows.map(({ ref, index, reward, line }) => [ref.id, index, reward, line])).toEqual([
      ["a_1_0", 2, 0, 2],
      ["a_0_0", 1, 1, 1],
    ]);
    await expect(store.groups(batch!.key, { ...all, filter: "reward<high" })).rejects.toMatchObject({
      code: "input",
    });
  });

  test("ids that stand twice are told apart by their lines, and said", async () => {
    const file = join(folder, "1.jsonl");
    writeFileSync(file, row(0, "a", 1) + row(0, "a", 0));
    const { issues } = await store.open(file);
    expect(issues[0]!.issues).toMatchObject([{ code: "bad-field", line: 2 }]);
    expect((await store.trace({ root: file, file, id: "L2" })).reward).toBe(0);
  });
});

describe("bad input", () => {
  test("is listed with its line, and what can be read is there", async () => {
    const file = join(folder, "1.jsonl");
    writeFileSync(file, `${row(0, "a", 1)}{"oops\n${row(1, "a", 0)}${row(2, "a", 0).slice(0, 40)}`);
    const { runs, issues } = await store.open(file);
    expect(runs[0]!.trajectories).toBe(2);
    expect(issues[0]!.issues.map(({ code, line }) => `${code}:${line}`)).toEqual([
      "bad-json:2",
      "torn-line:4",
    ]);
  });

  test("a binary file and an unknown one are named, an empty one is no damage", async () => {
    const open = async (content: string | Uint8Array): Promise<readonly string[]> => {
      const file = join(folder, "x.jsonl");
      writeFileSync(file, content);
      return (await store.open(file)).issues.flatMap(({ issues }) => issues.map(({ code }) => code));
    };
    expect(await open(new Uint8Array([0, 1, 2, 3]))).toEqual(["unrecognised"]);
    expect(await open("a,b\n1,2\n")).toEqual(["unrecognised"]);
    expect(await open("")).toEqual([]);
    expect(await open("\n \n")).toEqual([]);
  });

  test("a file that is not there, or may not be read, is an expected error with the remedy", async () => {
    await expect(store.open(join(folder, "none.jsonl"))).rejects.toMatchObject({ code: "store/ENOENT" });
    const file = join(folder, "secret.jsonl");
    writeFileSync(file, row(0, "a", 1));
    chmodSync(file, 0o000);
    // Root may read everything, so there the refusal cannot be had.
    if (process.getuid?.() !== 0) await expect(store.open(file)).rejects.toThrow("read permission");
  });

  test("a file replaced while open is read again; a rollout that is gone is named", async () => {
    const file = join(folder, "1.jsonl");
    writeFileSync(file, row(0, "a", 1) + row(1, "a", 0));
    await store.open(file);
    const ref = { root: file, file, id: "a_1_0" };
    expect((await store.trace(ref)).line).toBe(2);
    rmSync(file);
    writeFileSync(file, row(1, "a", 0.25, "Another text, longer than before.") + row(3, "a", 1));
    expect(await store.trace(ref)).toMatchObject({ line: 1, reward: 0.25 });
    expect((await store.credit(ref, { method: "drGrpo", params: {} })) as CreditView).toMatchObject({
      credit: 0.25 - 0.625,
    });
    await expect(store.trace({ root: file, file, id: "a_0_0" })).rejects.toMatchObject({
      code: "store/gone",
    });
    rmSync(file);
    await expect(store.trace({ root: file, file, id: "a_3_0" })).rejects.toThrow("not there");
  });

  test("a file that has grown shows its new rollouts when it is opened again", async () => {
    const file = join(folder, "1.jsonl");
    writeFileSync(file, row(0, "a", 1) + row(1, "a", 0).slice(0, 30));
    expect((await store.open(file)).runs[0]!.trajectories).toBe(1);
    appendFileSync(file, row(1, "a", 0).slice(30));
    expect(await store.open(file)).toMatchObject({ runs: [{ trajectories: 2 }], issues: [] });
  });
});

describe("a trace", () => {
  const file = join(samples, "first-run", "worked-example.jsonl");
  const ref = { root: file, file, id: "pencils-2" };

  test("has text, turns, tokens and steps that fit together, and its place in the log", async () => {
    const view = await store.trace(ref);
    expect(view).toMatchObject({
      line: 2,
      format: "rewardlens",
      tokenSource: "logged",
      batch: { run: "first-run", trainStep: 1 },
    });
    const lines = view.text.split("\n");
    expect(lines.length).toBe(view.lineCount);
    const [a, b, c, d] = view.tokens.subarray(view.turns[2]!.tokenFrom * 4, view.turns[2]!.tokenFrom * 4 + 4);
    expect([lines[a!]!.slice(b, d), c]).toEqual(["<", a]);
    expect(view.turns[2]!.stepTo - view.turns[2]!.stepFrom).toBe(5);
  });

  test("has its credit over the same tokens and steps; a step's number says what it is", async () => {
    const view = await store.trace(ref);
    for (const [method, stepCredit] of [
      ["grpo", "whole response"],
      ["gae", "mean of tokens"],
      ["pure", "own"],
    ] as const) {
      const credit = await store.credit(ref, { method, params: {} });
      if (credit.status !== "ok") throw new Error(credit.reason);
      expect([credit.tokens.length, credit.steps.length]).toEqual([
        view.tokens.length / 4,
        view.steps.length / 4,
      ]);
      expect(credit.stepCredit).toBe(stepCredit);
      expect(credit.provenance).toBe("recomputed");
      expect(credit.scale).toBeGreaterThan(0);
    }
    expect(await store.credit(ref, { method: "logged", params: {} })).toMatchObject({ provenance: "logged" });
  });

  test("explains a token: id, place, formula with its numbers, signals, what is missing", async () => {
    const view = await store.trace(ref);
    const line = view.text.split("\n").findIndex((text) => text.startsWith("4 boxes"));
    const explanation = await store.explain(ref, { method: "tempo", params: {} }, { line, column: 3 });
    expect(explanation).toMatchObject({
      turn: 2,
      token: { text: " boxes", index: 6, of: 113, trained: true },
      step: { index: 1, of: 5 },
    });
    expect(explanation!.formula[0]!.symbols).toBe("A = (R − mean + V(y≤t) − V(y<t)) / (std + ε)");
    expect(explanation!.signals.find(({ name }) => name === "value")!.token).toBeCloseTo(0.54, 9);
    expect(explanation!.notes[0]).toContain("of 4 in its group");
    expect(await store.explain(ref, { method: "tempo", params: {} }, { line: 0, column: 0 })).toBeNull();
  });

  test("says which methods can be computed, and what the others lack", async () => {
    const verl = join(samples, "verl-run", "rollouts", "1.jsonl");
    await store.open(verl);
    const [batch] = (await store.batches(verl, verl, all)).rows;
    const [group] = (await store.groups(batch!.key, all)).rows;
    const [rollout] = (await store.rollouts(batch!.key, group!.key, all)).rows;
    const choices = await store.methods(rollout!.ref);
    const available = choices.filter((choice) => choice.available).map(({ id }) => id);
    expect(available.slice(0, 3)).toEqual(["grpo", "drGrpo", "rloo"]);
    for (const id of ["gae", "tempo", "pure", "logged"]) expect(available).not.toContain(id);
    expect(choices.find(({ id }) => id === "pure")!.reason).toBe("needs step.reward");
  });

  test("tokens that stand nowhere in the text are shown by their ids, each with its credit and its signals", async () => {
    const log = join(folder, "ids.jsonl");
    const tokens = {
      offsets: [
        [0, 0],
        [0, 0],
        [0, 0],
      ],
      ids: [11, 5, 70000],
      mask: [0, 1, 1],
      advantages: [0, 0.5, -0.25],
    };
    const turns = [
      { role: "user", content: "What?" },
      { role: "assistant", content: "First.\n\nSecond.", tokens },
    ];
    const line = { schema: "rewardlens/1", id: "a", train_step: 1, reward: 1, turns };
    writeFileSync(log, `${JSON.stringify(line)}\n`);
    const own = { root: log, file: log, id: "a" };
    const { text, tokens: spans, tokenSource } = await store.trace(own);
    const lines = text.split("\n");
    const shown = Array.from({ length: 3 }, (_, t) =>
      lines[spans[4 * t]!]!.slice(spans[4 * t + 1], spans[4 * t + 3]),
    );
    expect([shown, tokenSource]).toEqual([["11", "5", "70000"], "logged"]);
    const at = { line: spans[8]!, column: spans[9]! + 1 };
    const explanation = await store.explain(own, { method: "logged", params: {} }, at);
    expect(explanation).toMatchObject({
      credit: -0.25,
      token: { text: null, id: 70000, index: 3, of: 3, trained: true },
      step: null,
    });
    expect(explanation!.signals).toContainEqual(expect.objectContaining({ name: "advantage", token: -0.25 }));
    // Which of the two steps a token belongs to is not known, so that neither has a mean.
    const credit = (await store.credit(own, { method: "logged", params: {} })) as Extract<
      CreditView,
      { status: "ok" }
    >;
    expect([[...credit.tokens], [...credit.steps]]).toEqual([
      [NaN, 0.5, -0.25],
      [NaN, NaN],
    ]);
  });

  test("kept scores are shown also of what was read while their model was still being opened", async () => {
    const verl = join(folder, "1.jsonl");
    writeFileSync(verl, row(0, "a", 1, "One."));
    const source = new Fragile();
    await source.keep([["One.", half()]]);
    let opened = (): void => {};
    const gate = new Promise<void>((resolve) => (opened = resolve));
    const scorers = scorersWith(() => gate.then(() => source));
    const own = { root: verl, file: verl, id: "a_0_0" };
    const slow = apiOf(new StoreService({ scorers }));
    const configured = slow.configure({ segmentation: "", scorers: ["m"] });
    const request = { method: "pure", params: {} };
    expect((await slow.credit(own, request)).status).toBe("unavailable");
    opened();
    await configured;
    expect((await slow.credit(own, request)).status).toBe("ok");
  });

  test("what was begun with another scorer's scores is not kept once the scorer is no longer shown", async () => {
    const verl = join(folder, "1.jsonl");
    writeFileSync(verl, row(0, "a", 1, "One."));
    const source = new Fragile();
    const token = { ids: Int32Array.of(7), start: Int32Array.of(0), end: Int32Array.of(4) };
    const scored = { ...half(), ...token, first: Int32Array.of(0, 1) };
    let answer = (): void => {};
    let asked = (): void => {};
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    source.cached = async () => {
      asked();
      await answered;
      return [scored];
    };
    const scorers = scorersWith(async () => source);
    const own = { root: verl, file: verl, id: "a_0_0" };
    const slow = apiOf(new StoreService({ scorers }));
    await slow.configure({ segmentation: "", scorers: ["m"] });
    const begun = slow.trace(own);
    await isAsked;
    await slow.configure({ segmentation: "", scorers: [] });
    answer();
    expect((await begun).tokenSource).toBe("none");
    expect((await slow.trace(own)).tokenSource).toBe("none");
  });

  test("a setting for another segmentation changes its steps; one that is no pattern is refused and changes nothing", async () => {
    const verl = join(folder, "1.jsonl");
    writeFileSync(verl, row(0, "a", 1, "x; y; z"));
    const own = { root: verl, file: verl, id: "a_0_0" };
    expect((await store.trace(own)).steps.length / 4).toBe(1);
    await store.configure({ segmentation: ";", scorers: [] });
    expect((await store.trace(own)).steps.length / 4).toBe(3);
    await expect(store.configure({ segmentation: "(", scorers: [] })).rejects.toMatchObject({
      code: "settings/segmentation",
    });
    expect((await store.trace(own)).steps.length / 4).toBe(3);
  });
});
