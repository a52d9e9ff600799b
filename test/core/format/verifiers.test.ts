import { expect, test } from "vitest";
import { verifiers } from "../../../src/core/format/formats/verifiers.ts";
import { sniffFormat } from "../../../src/core/format/registry.ts";
import type { Trajectory } from "../../../src/core/rollout/trajectory.ts";
import { headOfContent, idsOf, issuesOf, scanAll } from "./memorySource.ts";

const user = { message: { role: "user", content: "Q" }, sampled: false, token_ids: [1], mask: [false] };
const answer = {
  parent: 0,
  message: { role: "assistant", content: "A" },
  sampled: true,
  token_ids: [2, 3, 4],
  mask: [false, true, true],
  logprobs: [-0.5, -0.25],
};
const trace = { id: "t", agent: { name: "solver" }, nodes: [user, answer], rewards: {}, metrics: {} };
const episode = { id: "e", env: { id: "x" }, task: { data: {} }, traces: [trace] };

async function read(
  changes: Readonly<Record<string, unknown>>,
  path = "run/traces.jsonl",
): Promise<{ readonly all: readonly Trajectory[]; readonly messages: readonly string[] }> {
  const record = { ...episode, traces: [{ ...trace, ...changes }] };
  const records = await scanAll(verifiers, `${JSON.stringify(record)}\n`, path);
  return {
    all: records.flatMap(({ trajectories }) => trajectories),
    messages: records.flatMap(({ issues }) => issues.map(({ message }) => message)),
  };
}

test("compact columns stand on the sampled tokens, full ones on all; what was not assigned is absent", async () => {
  const node = {
    ...answer,
    mask: [true, false, true],
    advantages: [1, -1],
    reference_logprobs: [-2, -3],
    entropies: [0.5, 0.25],
    loss_weights: { rl: [1, 0, 0.5], ce: [1] },
    is_content: [false, true, true],
  };
  const { all, messages } = await read({ nodes: [user, node] });
  const { columns, mask, ids } = all[0]!.turns[1]!.tokens!;
  expect([...mask]).toEqual([1, 0, 1]);
  expect([...ids!]).toEqual([2, 3, 4]);
  expect([...columns]).toEqual([
    ["logprobs", new Float64Array([-0.5, NaN, -0.25])],
    ["advantages", new Float64Array([1, NaN, -1])],
    ["ref_logprobs", new Float64Array([-2, NaN, -3])],
    ["entropy", new Float64Array([0.5, NaN, 0.25])],
    ["is_content", new Float64Array([0, 1, 1])],
    ["loss_weights.rl", new Float64Array([1, 0, 0.5])],
  ]);
  expect(messages).toEqual([
    "traces[0].nodes[1].loss_weights.ce has 1 entries for 3 tokens and is left out.",
  ]);
  expect((await read({})).all[0]!.turns[1]!.tokens!.columns.has("advantages")).toBe(false);
});

test("a compact column with too few numbers, or ids that are none, are left out and said", async () => {
  const { all, messages } = await read({
    nodes: [
      { ...user, token_ids: [1.5] },
      { ...answer, logprobs: [-1], mask: [true, true] },
    ],
  });
  expect(all[0]!.turns[0]!.tokens).toBeNull();
  expect([...all[0]!.turns[1]!.tokens!.columns]).toEqual([]);
  expect(messages.map((message) => message.replace("traces[0].nodes", ""))).toEqual([
    "[0].token_ids holds something that is no token id and is read as missing.",
    "[1].mask has 2 entries for 3 tokens and is left out.",
    "[1].logprobs has 1 entries for 0 sampled tokens and is left out.",
  ]);
});

test("each leaf is a trajectory; a parent that is no earlier node begins one of its own", async () => {
  const node = (parent: unknown): unknown => ({ ...answer, parent });
  const { all } = await read({ nodes: [user, node(0), node(1), node(1), node(0)] });
  expect(all.map(({ id }) => id)).toEqual(["t#2", "t#3", "t#4"]);
  expect(all.map(({ turns }) => turns.length)).toEqual([3, 3, 2]);
  expect(all[0]!.turns[1]).toBe(all[1]!.turns[1]);
  const loop = await read({ nodes: [node(1), node(0), node(7), node(-1), node("0"), node(4)] });
  expect(loop.all.map(({ id }) => id)).toEqual(["t#1", "t#2", "t#3", "t#5"]);
  expect(loop.all.map(({ turns }) => turns.map(({ parent }) => parent))).toEqual([
    [-1, 0],
    [-1],
    [-1],
    [-1, 0],
  ]);
  expect(loop.messages).toHaveLength(4);
});

test("a chain with a branch at every node stays bounded", async () => {
  const nodes = Array.from({ length: 6000 }, (_, i) => ({
    parent: i === 0 ? null : i % 2 === 1 ? i - 1 : i - 2,
    message: { role: "user", content: "" },
  }));
  const { all, messages } = await read({ nodes });
  const turns = all.reduce((sum, one) => sum + one.turns.length, 0);
  expect(turns).toBeLessThanOrEqual(1 << 20);
  expect(messages).toEqual([
    "traces[0].nodes has branches of more than 1048576 turns; the rest is left out.",
  ]);
});

test("the reward is the weighted sum, missing where a score is", async () => {
  const reward = async (rewards: unknown): Promise<number> => (await read({ rewards })).all[0]!.reward;
  expect(await reward({ a: { score: 1, weight: 0.5 }, b: { score: -2, weight: 0.25 } })).toBe(0);
  expect(await reward({ a: 0.75, b: 0.25 })).toBe(1);
  expect(await reward({ a: { score: 1, weight: 1 }, b: null })).toBeNaN();
  expect(await reward({ a: { weight: 1 } })).toBeNaN();
  expect(await reward({})).toBeNaN();
});

test("`ok` is no success, and a limit is truncation", async () => {
  const of = async (changes: Readonly<Record<string, unknown>>): Promise<unknown> => {
    const [one] = (await read({ ok: true, ...changes })).all;
    return [one!.success, one!.truncated];
  };
  expect(await of({})).toEqual([null, null]);
  expect(await of({ stop_condition: "done" })).toEqual([null, false]);
  expect(await of({ stop_condition: "max_total_tokens" })).toEqual([null, true]);
  const calls = [{ finish_reason: "length" }, { finish_reason: "stop", error: { type: "x" } }];
  expect(await of({ stop_condition: "done", calls })).toEqual([null, true]);
});

test("a frozen seat is in no group, and its tokens are not trained on", async () => {
  const record = {
    ...episode,
    group: { id: "g" },
    traces: [trace, { ...trace, id: "u", agent: { name: "judge", trainable: false } }],
  };
  const [first] = await scanAll(verifiers, `${JSON.stringify(record)}\n`);
  const [solver, judge] = first!.trajectories;
  expect([solver!.group, solver!.groupSource, solver!.turns[1]!.agent]).toEqual(["g", "explicit", "solver"]);
  expect([judge!.group, judge!.groupSource, judge!.turns[1]!.trainable]).toEqual([null, "none", false]);
  expect([...judge!.turns[1]!.tokens!.mask]).toEqual([0, 0, 0]);
  expect([...judge!.turns[1]!.tokens!.columns.get("sampled")!]).toEqual([0, 1, 1]);
});

test("the step and the split come from the run, else from the folders", async () => {
  const of = async (path: string, run?: unknown): Promise<unknown> => {
    const [first] = await scanAll(verifiers, `${JSON.stringify({ ...episode, run })}\n`, path);
    const { trainStep, split } = first!.trajectories[0]!;
    return [trainStep, split];
  };
  expect(await of("r/rollouts/step_12/train/all/traces.jsonl")).toEqual([12, "train"]);
  expect(await of("r/rollouts/step_12/eval/all/traces.jsonl")).toEqual([12, "validation"]);
  expect(await of("step_3/eval_rollouts_x.jsonl")).toEqual([3, "validation"]);
  expect(await of("evaluate/traces.jsonl")).toEqual([null, "train"]);
  expect(await of("traces.jsonl", { type: "eval", id: "r" })).toEqual([null, "validation"]);
  const work = { type: "train", step: 4 };
  expect(await of("step_5/eval/traces.jsonl", { type: "train", id: "r", work })).toEqual([4, "train"]);
});

test("reasoning stands before the answer, with its end noted", async () => {
  const message = { role: "assistant", content: "A", reasoning_content: "why 😀" };
  const { all } = await read({ nodes: [user, { ...answer, message }] });
  const { content, extra } = all[0]!.turns[1]!;
  expect(content).toBe("why 😀\n\nA");
  expect(content.slice(0, extra.get("reasoning_length") as number)).toBe("why 😀");
});

test("episodes and traces are recognised by what they hold", async () => {
  const idOf = async (record: unknown): Promise<string | undefined> =>
    sniffFormat(await headOfContent(JSON.stringify(record)))?.id;
  expect(await idOf(episode)).toBe("verifiers");
  expect(await idOf({ ...episode, traces: [] })).toBe("verifiers");
  expect(await idOf({ ...trace, task: {} })).toBe("verifiers");
  expect(await idOf({ traces: [{ id: 1 }], env: {}, task: {} })).toBeUndefined();
  expect(await idOf({ nodes: [], edges: [] })).toBeUndefined();
  const records = await scanAll(verifiers, `${JSON.stringify({ ...episode, traces: [3, trace] })}\n`);
  expect([idsOf(records), issuesOf(records)]).toEqual([["t"], ["bad-field:1"]]);
});
