import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { headOf } from "../../src/core/head/registry.ts";
import { parseModelManifest } from "../../src/core/head/modelManifest.ts";
import type { ScoredEntry, ScoredItem, ScoreItem } from "../../src/protocol/scorer.ts";
import { OnnxModel } from "../../src/scorer/onnxModel.ts";
import { loadNative } from "../../src/scorer/runtime/nativeRuntime.ts";
import type { Feed, Output, Runtime } from "../../src/scorer/runtime/runtime.ts";
import { ScoringModel } from "../../src/scorer/scoringModel.ts";
import { ModelTokenizer } from "../../src/scorer/tokenizer/modelTokenizer.ts";
import { byteLevelVocabulary } from "./vocabulary.ts";

// Values of the hostile models can be worked out by hand: a hundredth of the sum of the ids so far
// (fixtures/hostile/make.py); those of the decoder are what it says of a text by itself (fixtures/decoder/make.py).
const fixture = (path: string): string => fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url));
const tokenizer = new ModelTokenizer(byteLevelVocabulary(), {});

/** A model's runs, and how large each was. */
class Watched implements Runtime {
  readonly inputs: Runtime["inputs"];
  readonly outputs: Runtime["outputs"];
  readonly #runtime: Runtime;
  /** Rows and new tokens of each run. */
  readonly runs: (readonly number[])[] = [];

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.inputs = runtime.inputs;
    this.outputs = runtime.outputs;
  }

  run(feeds: ReadonlyMap<string, Feed>, outputs: readonly string[]): Promise<ReadonlyMap<string, Output>> {
    this.runs.push(feeds.get("input_ids")!.dims);
    return this.#runtime.run(feeds, outputs);
  }

  release(): Promise<void> {
    return this.#runtime.release();
  }
}

const opened: ScoringModel[] = [];
afterEach(async () => {
  for (const model of opened.splice(0)) await model.release();
});

async function open(
  onnx: string,
  change: object = {},
): Promise<{ readonly model: ScoringModel; readonly watched: Watched }> {
  const manifest = parseModelManifest({
    schema: "rewardlens.model/1",
    id: "m",
    head: "valueHead",
    template: { before: ["{prompt}"], eachTurn: ["{content}"] },
    read: { at: "everyToken", shift: -1 },
    output: { name: "values" },
    inputs: { mask: null },
    limits: { maxTokens: 512 },
    ...change,
  });
  const watched = new Watched(await loadNative(fixture(onnx), { device: "cpu", threads: 1 }));
  const main = new OnnxModel(watched, manifest.inputs, headOf(manifest.head)!.outputs(manifest));
  const model = new ScoringModel({
    manifest,
    tokenizer,
    chat: null,
    main,
    reference: null,
    padId: 0,
    bytes: 0,
  });
  opened.push(model);
  return { model, watched };
}

function item(prompt: string, ...turns: readonly string[]): ScoreItem {
  const before = [{ role: "user", text: prompt }];
  const parts = turns.map((text, k) => ({
    kind: "turn" as const,
    role: "assistant",
    turn: 1 + k,
    text,
    ids: null,
  }));
  return { prompt, before, parts, answer: null };
}

const valuesOf = (scored: ScoredItem): number[] => [...scored.columns[0]!.values];
const idsOf = (text: string): number[] => [...Buffer.from(text)].map((byte) => 4 + byte);

/** Value before each token of `text`, when `before` was read first: a hundredth of the sum of ids. */
function sumsBefore(before: string, text: string): number[] {
  let sum = idsOf(before).reduce((a, b) => a + b, 0);
  return idsOf(text).map((id) => {
    const value = sum / 100;
    sum += id;
    return value;
  });
}

describe("a model that runs out of memory", () => {
  test("is given fewer texts at once, and all are scored", async () => {
    const { model, watched } = await open("hostile/hungry.onnx");
    const texts = Array.from({ length: 11 }, (_, i) => "abcdefghijk".slice(0, 3 + (i % 5)));
    const scored = await model.score(texts.map((text) => item("xy", text)));
    scored.forEach((one, i) =>
      valuesOf(one).forEach((value, t) => expect(value).toBeCloseTo(sumsBefore("xy", texts[i]!)[t]!, 3)),
    );
    // Eleven at once, then halves: what has failed is not tried again.
    expect(watched.runs.map(([rows]) => rows).filter((rows) => rows! > 2).length).toBeLessThanOrEqual(3);
    const before = watched.runs.length;
    await model.score(texts.map((text) => item("uv", text)));
    expect(watched.runs.slice(before).every(([rows]) => rows! <= 2)).toBe(true);
  });

  test("for one text even by itself gives the others their scores, and that one none", async () => {
    const { model } = await open("hostile/hungry.onnx");
    const entries: ScoredEntry[] = [];
    const items = [item("xy", "abc"), item("xy", "az"), item("xy", "abcd")];
    await model.scoreEach(items, { onScored: (scored) => entries.push(...scored) });
    expect(new Map(entries.map(([i, one]) => [i, one === null]))).toEqual(
      new Map([
        [0, false],
        [1, true],
        [2, false],
      ]),
    );
    expect(entries.length).toBe(3);
    expect(valuesOf(entries.find(([i]) => i === 2)![1]!)[3]).toBeCloseTo(sumsBefore("xy", "abcd")[3]!, 3);
    await expect(model.score([item("xy", "z")])).rejects.toThrow(/more memory for one text/);
  });
});

test("items come back as they are done, each once, with the run that is under way told before", async () => {
  const { model } = await open("hostile/slow.onnx");
  const items = Array.from({ length: 40 }, (_, i) => item("xy", "abcd".repeat(5 + i)));
  const seen = new Set<number>();
  const told: boolean[] = [];
  let running: readonly number[] = [];
  await model.scoreEach(items, {
    onRun(indices, isLast) {
      running = indices;
      told.push(isLast);
    },
    onScored(scored) {
      for (const [i] of scored) {
        expect(running).toContain(i);
        expect(seen.has(i)).toBe(false);
        seen.add(i);
      }
    },
  });
  expect(seen.size).toBe(40);
  expect(told.length).toBeGreaterThan(1);
  expect(told.indexOf(true)).toBe(told.length - 1);
});

describe("a model that takes keys and values of what was read before", () => {
  const inputs = { mask: "attention_mask", positions: "position_ids", past: "past_key_values" };
  const prompt = "A farmer has 17 sheep and buys some more of them. ".repeat(3);
  const group = Array.from({ length: 9 }, (_, i) => item(prompt, `first ${i}`.repeat(1 + i), "then 17"));
  const others = [item("short", "a"), item(`${prompt}!`, "bc"), item("", "no prompt")];

  /** Scores of items one by one: nothing is shared, nothing is padded. */
  async function alone(model: ScoringModel, items: readonly ScoreItem[]): Promise<readonly ScoredItem[]> {
    const scored: ScoredItem[] = [];
    for (const one of items) scored.push(...(await model.score([one])));
    return scored;
  }

  function expectEqual(a: readonly ScoredItem[], b: readonly ScoredItem[]): void {
    expect(a.length).toBe(b.length);
    a.forEach((one, i) => {
      const [ours, theirs] = [valuesOf(one), valuesOf(b[i]!)];
      expect(ours.length).toBe(theirs.length);
      ours.forEach((value, t) => {
        if (Number.isNaN(theirs[t])) expect(value).toBeNaN();
        else expect(Math.abs(value - theirs[t]!)).toBeLessThan(1e-5);
      });
      expect(one.tokens).toBe(b[i]!.tokens);
      expect([...one.ids]).toEqual([...b[i]!.ids]);
    });
  }

  for (const [what, change] of [
    ["the state before each token", { read: { at: "everyToken", shift: -1 } }],
    ["each token", { read: { at: "everyToken", shift: 0 } }],
    ["the end of each turn", { read: { at: "partEnd" } }],
    ["the end of the text", { read: { at: "last" } }],
  ] as const)
    test(`gives the same numbers where it reads a prompt once for all of its rollouts: ${what}`, async () => {
      const { model, watched } = await open("decoder/decoder.onnx", { inputs, ...change });
      const items = [...others.slice(0, 2), ...group, ...others.slice(2)];
      const expected = await alone(model, items);
      // Numbers that differ from each other, or equality would mean nothing.
      expect(new Set(expected.flatMap(valuesOf).map((x) => x.toFixed(4))).size).toBeGreaterThan(5);
      watched.runs.length = 0;
      expectEqual(await model.score(items), expected);
      const { length } = tokenizer.encode(prompt).ids;
      expect(watched.runs).toContainEqual([1, length - 1]);
      expect(watched.runs.filter(([, tokens]) => tokens! >= length - 1).length).toBeLessThan(4);
    });

  test("reads texts that are longer than it takes in windows as ever", async () => {
    const { model } = await open("decoder/decoder.onnx", { inputs, limits: { maxTokens: 256 } });
    const long = group.map(({ parts }, i) => item(prompt, parts[0]!.text, "17 sheep ".repeat(2 + 2 * i)));
    const expected = await alone(model, long);
    expect(expected.some(({ windows }) => windows > 1)).toBe(true);
    expect(expected.filter(({ windows }) => windows === 1).length).toBeGreaterThanOrEqual(4);
    expectEqual(await model.score(long), expected);
  });

  test("is refused where the manifest does not say what these inputs are", async () => {
    await expect(open("decoder/decoder.onnx", { inputs: { ...inputs, past: null } })).rejects.toThrow(
      /needs an input "past_key_values.0.key"/,
    );
  });
});
