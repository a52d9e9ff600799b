import { expect, test } from "vitest";
import { nemoRl } from "../../../src/core/format/formats/nemoRl.ts";
import { sniffFormat } from "../../../src/core/format/registry.ts";
import type { Trajectory } from "../../../src/core/rollout/trajectory.ts";
import { headOfContent, issuesOf, scanAll } from "./memorySource.ts";

const row = {
  content: [["Q", "A"]],
  rewards: [1],
  input_lengths: [4],
  token_ids: [[5, 6, 7, 8, 0, 0]],
  token_loss_mask: [[0, 0, 1, 1, 0, 0]],
  sample_loss_mask: [1],
  advantages: [[0.5, 0.5, 0.5, 0.5, 0.5, 0.5]],
  generation_logprobs: [[0, 0, -0.5, 0, 0, 0]],
  prev_logprobs: [[0, -2, -0.25, -0.75, 0, 0]],
  idx: 0,
};

async function read(
  changes: Readonly<Record<string, unknown>>,
  path = "logs/exp_001/train_data_step7.jsonl",
): Promise<readonly [Trajectory, readonly string[]]> {
  const records = await scanAll(nemoRl, `${JSON.stringify({ ...row, ...changes })}\n`, path);
  return [records[0]!.trajectories[0]!, issuesOf(records)];
}

test("padding is cut, filler on context is missing, a sampled zero is a number", async () => {
  const [{ turns, trainStep, split }] = await read({});
  expect(turns.map(({ role, tokens }) => [role, [...tokens!.ids!]])).toEqual([
    ["prompt", [5, 6]],
    ["assistant", [7, 8]],
  ]);
  expect([...turns[0]!.tokens!.columns]).toEqual([
    ["advantages", new Float64Array([0.5, 0.5])],
    ["old_logprobs", new Float64Array([NaN, -2])],
  ]);
  expect(turns[1]!.tokens!.columns.get("logprobs")).toEqual(new Float64Array([-0.5, 0]));
  expect([trainStep, split]).toEqual([7, "train"]);
});

test("columns that are not as long as the padded tokens are left out and said", async () => {
  const [one, issues] = await read({ advantages: [[1, 2, 3, 4]], prev_logprobs: [["x", 0, 0, 0, 0, 0]] });
  expect([...one.turns[1]!.tokens!.columns.keys()]).toEqual(["logprobs"]);
  expect(issues).toEqual(["bad-field:1", "bad-field:1"]);
});

test("rows with one prompt have one group, whatever is padded or answered", async () => {
  const group = async (changes: Readonly<Record<string, unknown>>): Promise<string | null> =>
    (await read(changes))[0].group;
  const first = await group({});
  expect(await group({ token_ids: [[5, 6, 9, 9, 1, 1]] })).toBe(first);
  expect(await group({ token_ids: [[5, 7, 7, 8, 0, 0]] })).not.toBe(first);
  expect(await group({ token_loss_mask: [[0, 0, 0, 1, 0, 0]] })).not.toBe(first);
  expect((await read({}))[0].groupSource).toBe("contiguous");
});

test("what is missing from a batch that dynamic sampling shortened is missing, not an error", async () => {
  const [one, issues] = await read({ rewards: [], filtered_rewards: [0.25] });
  expect([one.reward, issues]).toEqual([0.25, []]);
  expect((await read({ rewards: [] }))[0].reward).toBeNaN();
});

test("messages that the mask does not tell apart keep their texts, and all tokens stand apart", async () => {
  const [{ turns, signals }] = await read({ content: [["S", "Q", "A"]] });
  expect(turns.map(({ role, content, trainable }) => [role, content, trainable])).toEqual([
    ["prompt", "S", false],
    ["message", "Q", false],
    ["message", "A", false],
    ["tokens", "", true],
  ]);
  expect(signals.get("turns")?.source).toContain("not known");
  const [marked] = await read({ content: [["<|im_start|>system\nS", "Q", "A"]] });
  expect(marked.turns.map(({ role, tokens }) => [role, tokens?.n])).toEqual([
    ["system", undefined],
    ["prompt", 2],
    ["assistant", 2],
  ]);
});

test("validation is told by the file's name; neighbours are not claimed", async () => {
  const messages = [
    [
      { role: "user", content: "Q" },
      { role: "assistant", content: "A" },
    ],
  ];
  const record = { content: messages, rewards: [1], idx: 3 };
  const records = await scanAll(nemoRl, JSON.stringify(record), "exp_001/val_data_step20.jsonl");
  expect(records[0]!.trajectories[0]).toMatchObject({ split: "validation", trainStep: 20, reward: 1 });
  const idOf = async (one: unknown): Promise<string | undefined> =>
    sniffFormat(await headOfContent(JSON.stringify(one)))?.id;
  expect([await idOf(row), await idOf(record)]).toEqual(["nemoRl", "nemoRl"]);
  expect(await idOf({ idx: 1, content: "x", rewards: [1] })).toBeUndefined();
  expect(await idOf({ idx: 1, benchmark: "b", turns: [] })).not.toBe("nemoRl");
});
