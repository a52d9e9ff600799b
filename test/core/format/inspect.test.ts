import { expect, test } from "vitest";
import { inspect } from "../../../src/core/format/formats/inspect.ts";
import { scoreNumber } from "../../../src/core/format/inspect/scores.ts";
import { sniffFormat } from "../../../src/core/format/registry.ts";
import type { Trajectory } from "../../../src/core/rollout/trajectory.ts";
import { zipFile } from "../container/zipBytes.ts";
import { alone, headOfContent, idsOf, issuesOf, memorySource, scanAll } from "./memorySource.ts";

const encode = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));

const header = { version: 2, status: "success", eval: { task: "t", model: "m" } };
const user = { role: "user", content: "q", id: "u" };
const answer = { role: "assistant", content: "a", id: "a" };
const sample = (more: object): object => ({
  id: 1,
  epoch: 1,
  input: "q",
  target: "x",
  messages: [user, answer],
  ...more,
});

function evalFile(entries: Readonly<Record<string, unknown>>): Uint8Array {
  return zipFile(Object.entries(entries).map(([name, value]) => ({ name, data: encode(value) })));
}

async function only(more: object): Promise<{ readonly one: Trajectory; readonly issues: readonly string[] }> {
  const records = await scanAll(
    inspect,
    JSON.stringify({ ...header, samples: [sample(more)] }),
    "logs/a.json",
  );
  return { one: records[0]!.trajectories[0]!, issues: issuesOf(records) };
}

test("a zip is a log by its header or its journal, a document by its keys; neighbours are none", async () => {
  const idOf = async (content: string | Uint8Array): Promise<string | undefined> =>
    sniffFormat(await headOfContent(content, "logs/x"))?.id;
  expect(await idOf(evalFile({ "_journal/start.json": header }))).toBe("inspect");
  expect(await idOf(evalFile({ "header.json": header }))).toBe("inspect");
  expect(await idOf(evalFile({ "train_trajectories.jsonl": "{}" }))).not.toBe("inspect");
  expect(await idOf(JSON.stringify({ ...header, samples: [] }, null, 2))).toBe("inspect");
  expect(await idOf(JSON.stringify({ eval: "x", status: "success", version: 2 }))).toBeUndefined();
});

test("values are numbers as Inspect's own default makes them; what is none is missing, not 0", () => {
  const values = [
    "C",
    "I",
    "P",
    "N",
    true,
    false,
    3,
    "yes",
    "No",
    "0.25",
    "wrong",
    null,
    undefined,
    [1],
    { a: 1 },
  ];
  expect(values.map(scoreNumber)).toEqual([1, 0, 0.5, 0, 1, 0, 3, 1, 0, 0.25, NaN, NaN, NaN, NaN, NaN]);
});

test("several scores are components, and none of them is the reward", async () => {
  const { one } = await only({
    scores: { a: { value: "C" }, b: { value: [1, "I"] } },
  });
  expect(one.reward).toBeNaN();
  expect([...one.rewards]).toEqual([
    ["a", 1],
    ["b/0", 1],
    ["b/1", 0],
  ]);
  expect(one.success).toBeNull();
  const own = JSON.parse('{"__proto__":{"value":"I"}}') as object;
  expect((await only({ scores: own })).one).toMatchObject({ reward: 0, success: false });
});

test("how a sample ended: a limit, too many tokens, an error, by itself, unknown", async () => {
  const ended = async (stop: string | undefined, more: object = {}): Promise<boolean | null> =>
    (await only({ output: { choices: [{ message: answer, stop_reason: stop }] }, ...more })).one.truncated;
  expect(await ended("stop")).toBe(false);
  expect(await ended("max_tokens")).toBe(true);
  expect(await ended("model_length")).toBe(true);
  expect(await ended("unknown")).toBeNull();
  expect(await ended(undefined)).toBeNull();
  expect(await ended("stop", { limit: { type: "time", limit: 3 } })).toBe(true);
  expect(await ended("stop", { error: { message: "x" } })).toBeNull();
});

test("a score on the way goes to the call before it, whoever else is called in between", async () => {
  const second = { role: "assistant", content: "b", id: "b" };
  const call = (message: object): object => ({ event: "model", output: { choices: [{ message }] } });
  const score = (value: number, intermediate = true): object => ({
    event: "score",
    score: { value },
    intermediate,
  });
  const grader = call({ role: "assistant", content: "grade", id: "other" });
  const { one } = await only({
    messages: [user, answer, second],
    events: [score(9), call(answer), score(0.5), call(second), grader, score(0.25), score(1, false)],
  });
  expect(one.turns.map(({ reward }) => reward)).toEqual([NaN, 0.5, 0.25]);
});

test("tokens are placed where they are the answer, and kept without a place where they are not", async () => {
  const placed = async (
    tokens: readonly string[],
    content: unknown,
  ): Promise<Trajectory["turns"][number]["tokens"]> => {
    const message = { role: "assistant", content, id: "a" };
    const logprobs = { content: tokens.map((token, i) => ({ token, logprob: -1 - i })) };
    const event = { event: "model", output: { choices: [{ message, logprobs }] } };
    return (await only({ messages: [user, message], events: [event] })).one.turns[1]!.tokens;
  };
  const plain = await placed(["Ja", " 😀", "."], "Ja 😀.");
  expect([...plain!.start, ...plain!.end]).toEqual([0, 2, 5, 2, 5, 6]);
  expect([...plain!.columns.get("logprobs")!]).toEqual([-1, -2, -3]);
  const other = await placed(["Nein"], "Ja");
  expect([other!.n, other!.start[0], other!.end[0]]).toEqual([1, 0, 0]);
  expect(other!.extra.get("token")).toEqual(["Nein"]);
  const reasoned = await placed(
    ["Ja"],
    [
      { type: "reasoning", reasoning: "hm" },
      { type: "text", text: "Ja" },
    ],
  );
  expect([reasoned!.start[0], reasoned!.end[0]]).toEqual([4, 6]);
});

test("examples in the input are not the model's own; pictures are named", async () => {
  const { one } = await only({
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "see " },
          { type: "image", image: "pics/a.png" },
        ],
      },
      { role: "assistant", content: "like this", source: "input" },
      answer,
    ],
  });
  expect(one.turns.map(({ trainable }) => trainable)).toEqual([false, false, true]);
  expect(one.turns[0]).toMatchObject({
    content: "see [image]",
    attachments: [{ kind: "image", uri: "pics/a.png" }],
  });
});

test("damaged entries are named and the others read; so are a damaged header and journal", async () => {
  const file = evalFile({
    "header.json": "{",
    "samples/1_epoch_1.json": sample({}),
    "samples/2_epoch_1.json": '{"id":2,',
    "samples/3_epoch_1.json": "[1]",
    "samples/../4_epoch_1.json": sample({ id: 4 }),
    "samples/5_epoch_1.json": sample({
      id: 5,
      scores: 7,
      messages: [3],
      events: [null, { event: "model" }],
      epoch: "x",
    }),
    "_journal/summaries/1.json": "nothing",
  });
  const records = await scanAll(inspect, file, "logs/a.eval");
  expect(idsOf(records)).toEqual(["1_epoch_1", "5_epoch_1"]);
  expect(issuesOf(records)).toEqual([
    "damaged:0",
    "damaged:0",
    "damaged:2",
    "bad-json:3",
    "refused:4",
    "bad-field:5",
    "bad-field:5",
  ]);
  const again = await inspect.load(
    memorySource(file),
    alone("logs/a.eval"),
    records.map(({ locator }) => locator),
  );
  expect(again).toEqual(records);
});

test("a zip that is cut off, or no zip at all behind its first bytes, is damaged and nothing else", async () => {
  const file = evalFile({ "header.json": header, "samples/1_epoch_1.json": sample({}) });
  for (const to of [10, 100, file.length - 30, file.length - 1]) {
    const records = await scanAll(inspect, file.subarray(0, to), "logs/a.eval");
    expect(issuesOf(records)).toEqual(["damaged:0"]);
    expect(idsOf(records)).toEqual([]);
  }
});

test("a document that is still written gives the samples that are whole", async () => {
  const text = JSON.stringify({ ...header, samples: [sample({}), sample({ epoch: 2 })] }, null, 2);
  const records = await scanAll(inspect, text.slice(0, -60), "logs/a.json");
  expect(idsOf(records)).toEqual(["1_epoch_1"]);
  expect(issuesOf(records).map((issue) => issue.split(":")[0])).toEqual(["torn-line"]);
});

test("a newer version is read as far as it is known, and said once", async () => {
  const file = evalFile({ "header.json": { ...header, version: 9 }, "samples/1_epoch_1.json": sample({}) });
  const records = await scanAll(inspect, file, "logs/a.eval");
  expect([idsOf(records), issuesOf(records)]).toEqual([["1_epoch_1"], ["unsupported-version:0"]]);
});

test("ranges that name a pool again and again do not grow without end", async () => {
  const pool = Array.from({ length: 50 }, (_, i) => ({ role: "user", content: `m${i}` }));
  const { one } = await only({
    messages: [],
    events: [
      {
        event: "model",
        input: [],
        input_refs: Array.from({ length: 100_000 }, () => [0, 1e9]),
        output: { choices: [{ message: answer }] },
      },
    ],
    events_data: { messages: pool },
  });
  expect(one.turns.length).toBeLessThan(300);
});
