import { expect, test } from "vitest";
import type { ByteSource, FileContext, ScannedRecord } from "../../../src/core/format/format.ts";
import { tinker } from "../../../src/core/format/formats/tinker.ts";
import { sniffFormat } from "../../../src/core/format/registry.ts";
import type { Trajectory } from "../../../src/core/rollout/trajectory.ts";
import { headOfContent, memorySource } from "./memorySource.ts";

const path = "run/iteration_000003/train_rollout_summaries.jsonl";

function row(
  group: number,
  index: number,
  rewards: readonly number[],
  more: object = {},
): Record<string, unknown> {
  const steps = rewards.map((reward, i) => ({ step_idx: i, ob_len: 5, ac_len: 2, reward }));
  return {
    iteration: 3,
    group_idx: group,
    traj_idx: index,
    total_reward: 1,
    final_reward: 0,
    steps,
    ...more,
  };
}

function conversation(...texts: readonly string[]): unknown {
  const messages = texts.map((content, i) => ({ role: i % 2 === 0 ? "user" : "assistant", content }));
  return { tag: "div", attrs: {}, children: [], data: { type: "conversation", messages } };
}

const page = (...children: readonly unknown[]): string =>
  JSON.stringify({ root: { tag: "body", attrs: {}, children } });

/** Reads rows with a file beside them, if any. */
async function read(
  rows: readonly unknown[],
  tree: string | null,
  log = path,
): Promise<readonly Trajectory[]> {
  const asked: string[] = [];
  const open = (name: string): Promise<ByteSource | null> => {
    asked.push(name);
    return Promise.resolve(tree === null ? null : memorySource(tree));
  };
  const file: FileContext = { path: log, near: { open, list: () => Promise.resolve([]) } };
  const records: ScannedRecord[] = [];
  const source = memorySource(rows.map((record) => JSON.stringify(record)).join("\n"));
  for await (const record of tinker.scan(source, file, {})) records.push(record);
  expect(asked).toEqual(log === path ? ["train_logtree.json"] : []);
  const again = await tinker.load(source, file, records.map(({ locator }) => locator).toReversed());
  expect(again.toReversed()).toEqual(records);
  return records.flatMap(({ trajectories }) => trajectories);
}

const texts = ({ turns }: Trajectory): readonly string[] => turns.map(({ content }) => content);

test("texts are joined in the order of the page, however deep they stand", async () => {
  let deep = conversation("q0", "a0");
  for (let level = 0; level < 150; level++) deep = { tag: "div", attrs: {}, children: ["text", deep] };
  const tree = page(deep, { tag: "p", children: [conversation("q1", "a1")] });
  const all = await read([row(0, 0, [1]), row(0, 1, [0]), row(1, 0, [1])], tree);
  expect(all.map(texts)).toEqual([["q0", "a0"], ["q1", "a1"], [""]]);
  expect(all.map(({ turns }) => turns.at(-1)!.reward)).toEqual([1, 0, 1]);
});

test("rewards go to the model's last messages; those before them are examples", async () => {
  const [one] = await read([row(0, 0, [0.25, 0.75])], page(conversation("e", "ea", "q", "a", "o", "b")));
  expect(one!.turns.map(({ reward, trainable }) => [reward, trainable])).toEqual([
    [NaN, false],
    [NaN, false],
    [NaN, false],
    [0.25, true],
    [NaN, false],
    [0.75, true],
  ]);
});

test("where there are more steps than answers no reward is put on a turn, and all steps are kept", async () => {
  const [one] = await read([row(0, 0, [0.5, 0.5])], page(conversation("q", "a")));
  expect(one!.turns.map(({ reward }) => reward)).toEqual([NaN, NaN]);
  expect(one!.extra.get("steps")).toHaveLength(2);
  expect(one!.signals.get("turns")!.source).toContain("2 steps for 1 answers");
});

test("the turns' rewards sum up to the total: the last one holds the final reward", async () => {
  const [one] = await read([row(0, 0, [0.25, 0.5], { total_reward: 1.75, final_reward: 1 })], null);
  expect(one!.turns.map(({ reward }) => reward)).toEqual([0.25, 1.5]);
  expect([one!.reward, one!.rewards.get("final_reward")]).toEqual([1.75, 1]);
});

test("a line takes no text that cannot be its own", async () => {
  const tree = page(conversation("q", "a"), conversation("r", "b"));
  const [first, second] = await read([row(0, 1, [1]), row(0, 0, [1])], tree);
  expect([texts(first!), texts(second!)]).toEqual([[""], [""]]);
});

test("a tree that is missing, torn or something else takes no row away", async () => {
  for (const tree of [
    null,
    "",
    "[1]",
    '{"root": {"children": [{"data": {"type": "conversation", "messages": [{"ro',
    '{"root": 7}',
  ])
    expect(await read([row(0, 0, [1])], tree)).toHaveLength(1);
});

test("groups of an evaluation are told from those of training at the same iteration", async () => {
  const [one] = await read([row(0, 0, [1])], null);
  expect([one!.group, one!.split, one!.trainStep]).toEqual(["0", "train", 3]);
  const [plain] = await read([row(0, 0, [1], { split: "eval_math" })], null, "copy.jsonl");
  expect([plain!.group, plain!.split]).toEqual(["eval_math 0", "validation"]);
});

test("turns of a benchmark are not the native format's, nor native turns a benchmark's", async () => {
  const turns = [{ role: "user", content: "x" }];
  const id = async (record: unknown): Promise<string | undefined> =>
    sniffFormat(await headOfContent(JSON.stringify(record)))?.id;
  expect(await id({ idx: 0, benchmark: "b", turns })).toBe("tinker");
  expect(await id({ schema: "rewardlens/1", id: "a", idx: 0, benchmark: "b", turns })).toBe("rewardlens");
  expect(await id({ turns })).toBe("rewardlens");
  expect(await id({ step: 0, "env/all/reward/total": 0 })).toBeUndefined();
});
