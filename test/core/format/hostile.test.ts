import * as fc from "fast-check";
import { expect, test } from "vitest";
import { chat } from "../../../src/core/format/formats/chat.ts";
import { rewardlens } from "../../../src/core/format/formats/rewardlens.ts";
import { verl } from "../../../src/core/format/formats/verl.ts";
import { sniffFormat } from "../../../src/core/format/registry.ts";
import { parseTolerantJson } from "../../../src/core/format/tolerantJson.ts";
import { writeTrajectory } from "../../../src/core/format/write.ts";
import { headOfContent, scanAll } from "./memorySource.ts";

test("a bare NaN beside a string of many megabytes is found", () => {
  const text = `{"a":"${"x".repeat(20_000_000)}","b":NaN}`;
  expect(parseTolerantJson(text)).toMatchObject({ ok: true, nonFinite: 1, value: { b: null } });
});

test("escaped quotes before a torn end cost no more than their number", () => {
  const started = performance.now();
  expect(parseTolerantJson(`{"b":NaN,"a":"${'\\"'.repeat(1_000_000)}\\`).ok).toBe(false);
  expect(performance.now() - started).toBeLessThan(5000);
});

test("backslashes before a quote are counted: an even number ends the string", () => {
  for (const inner of ["\\\\", '\\"', '\\\\\\"', "\\\\\\\\", 'NaN \\" NaN']) {
    const text = `["${inner}", NaN, "${inner}"]`;
    const plain = JSON.parse(text.replace(", NaN,", ", null,")) as unknown;
    expect(parseTolerantJson(text)).toEqual({ ok: true, value: plain, nonFinite: 1 });
  }
});

test("a word that touches a digit or a letter is no number", () => {
  for (const text of ["[5Infinity]", "[Infinity5]", "[1-Infinity]", "[NaN1]", "[--NaN]", "[+Infinity]"])
    expect(parseTolerantJson(text).ok).toBe(false);
});

test("what is nested too deeply for those who read on is refused, by arrays, objects and pairs alike", () => {
  for (const [open, close] of [
    ["[", "]"],
    ['{"a":', "}"],
    ['[1,{"length":2,"0":1,"1":2,"b":', "}]"],
  ] as const) {
    const nested = (levels: number): string => `${open.repeat(levels)}1${close.repeat(levels)}`;
    expect(parseTolerantJson(nested(20)).ok).toBe(true);
    expect(parseTolerantJson(nested(100_000))).toEqual({ ok: false, message: "nested too deeply" });
  }
});

test("JSON with any mix of bare words is what it is with nulls in their places", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constant(NaN), fc.integer())), (values) => {
      const text = `[${values.map((x) => (Number.isNaN(x) ? "NaN" : JSON.stringify(x))).join(",")}]`;
      const parsed = parseTolerantJson(text);
      expect(parsed).toMatchObject({ ok: true, value: values.map((x) => (Number.isNaN(x) ? null : x)) });
    }),
  );
});

test("a record longer than the head is recognised behind a line of damage", async () => {
  const record = `{"input":"p","output":"${"x".repeat(100_000)}","score":1}`;
  const bytes = new TextEncoder().encode(`oops\n${record}\n`);
  const head = await headOfContent(bytes);
  expect(sniffFormat(head)?.id).toBe("verl");
});

/** Content with surrogate pairs, cut into any pieces. */
const pieces = fc.array(fc.string({ unit: "binary", maxLength: 6 }), { maxLength: 8 });
const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null));

test("any native log that is whole is written as what reads back equal", async () => {
  await fc.assert(
    fc.asyncProperty(pieces, fc.array(number, { minLength: 8, maxLength: 8 }), fc.boolean(), number, run),
    { numRuns: 300 },
  );
  async function run(
    text: readonly string[],
    column: readonly (number | null)[],
    byText: boolean,
    reward: number | null,
  ): Promise<void> {
    const content = text.join("");
    let at = 0;
    const offsets = text.map((piece) => [at, (at += piece.length)]);
    const spans = byText ? { text } : { offsets };
    const values = column.slice(0, text.length);
    const steps = offsets.map(([start, end], k) => ({ start, end, reward: values[k], own: null }));
    const turn = { role: "assistant", content, tokens: { ...spans, values, "prm@m": values }, steps };
    const record = { schema: "rewardlens/1", id: "a", reward, rewards: { x: reward }, turns: [turn, turn] };
    const [first] = await scanAll(rewardlens, JSON.stringify(record));
    expect(first!.issues).toEqual([]);
    const [again] = await scanAll(rewardlens, writeTrajectory(first!.trajectories[0]!));
    expect(again!.issues).toEqual([]);
    expect(again!.trajectories).toEqual(first!.trajectories);
  }
});

test("what other formats are written as reads back with the same text and numbers", async () => {
  for (const [format, record] of [
    [verl, { input: "p", output: "o\n\nq", score: 0.1, step: 2, uid: "u_1_0", acc: false, pred: [1] }],
    [chat, { messages: [{ role: "user", content: "x", own: 1 }], reward: 0.3, step: 4, model: "m" }],
  ] as const) {
    const [first] = await scanAll(format, JSON.stringify(record));
    const [again] = await scanAll(rewardlens, writeTrajectory(first!.trajectories[0]!));
    const { groupSource, idLogged, ...rest } = first!.trajectories[0]!;
    expect([groupSource, idLogged]).toEqual(format.id === "verl" ? ["uid-prefix", true] : ["none", false]);
    expect(again!.trajectories[0]).toMatchObject({ ...rest, idLogged: true });
  }
});

test("a uid without indices is the prompt's, shared by its rollouts", async () => {
  const row = JSON.stringify({ input: "p", output: "o", score: 1, uid: "3cd1e5c0-0000" });
  const records = await scanAll(verl, `${row}\n${row}\n`);
  const all = records.flatMap(({ trajectories }) => trajectories);
  expect(all.map(({ id, group, groupSource }) => [id, group, groupSource])).toEqual([
    ["L1", "3cd1e5c0-0000", "explicit"],
    ["L2", "3cd1e5c0-0000", "explicit"],
  ]);
});

test("validation is told by the folder the file lies in, not by folders above it", async () => {
  const row = JSON.stringify({ input: "p", output: "o", score: 1 });
  const split = async (path: string): Promise<string> =>
    (await scanAll(verl, row, path))[0]!.trajectories[0]!.split;
  expect(await split("run/val_dump/5.jsonl")).toBe("validation");
  expect(await split("run/validation/5.jsonl")).toBe("validation");
  expect(await split("home/val/run/rollouts/5.jsonl")).toBe("train");
  expect(await split("run/values/5.jsonl")).toBe("train");
});

test("ids keep their digits beyond 2^53; other numbers are numbers, and strings stay what they are", async () => {
  const line = `{"schema":"rewardlens/1","id":12345678901234567891,"group":9007199254740993,"train_step":7,"reward":0.12345678901234567,"answer":"id 12345678901234567891","turns":[{"role":"user","content":"a \\"12345678901234567891\\" b","tool_call_id":-9223372036854775807}],"own":12345678901234567891}`;
  const [record] = await scanAll(rewardlens, line);
  const [trajectory] = record!.trajectories;
  expect(record!.issues).toEqual([]);
  expect(trajectory).toMatchObject({
    id: "12345678901234567891",
    group: "9007199254740993",
    trainStep: 7,
    reward: Number("0.12345678901234567"),
    answer: "id 12345678901234567891",
    turns: [{ content: 'a "12345678901234567891" b', toolCallId: "-9223372036854775807" }],
  });
  expect(trajectory!.extra.get("own")).toBe("12345678901234567891");
});

test("ten megabytes of brackets cost no more than looking at them, and the lines behind them are read", async () => {
  const deep = `${"[".repeat(5_000_000)}${"]".repeat(5_000_000)}`;
  const good = '{"schema":"rewardlens/1","id":"b","turns":[]}\n';
  for (const line of [`{"schema":"rewardlens/1","id":"a","x":${deep}}\n`, `${'{"a":'.repeat(2_000_000)}\n`]) {
    const before = process.memoryUsage().rss;
    const head = await headOfContent(`${line}${good}`);
    expect(sniffFormat(head)?.id).toBe("rewardlens");
    const records = await scanAll(rewardlens, `${line}${good}`);
    expect(records.flatMap(({ trajectories }) => trajectories.map(({ id }) => id))).toEqual(["b"]);
    expect(records.flatMap(({ issues }) => issues.map(({ code, line: at }) => `${code}:${at}`))).toEqual([
      "bad-json:1",
    ]);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 2 ** 20);
  }
  // As elements of an array, and as a document that never ends.
  expect(sniffFormat(await headOfContent("[".repeat(10_000_000)))).toBeNull();
  expect(sniffFormat(await headOfContent(`{"a":${deep}`))).toBeNull();
});
