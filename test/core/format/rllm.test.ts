import { describe, expect, test } from "vitest";
import { rllm } from "../../../src/core/format/formats/rllm.ts";
import { sniffFormat } from "../../../src/core/format/registry.ts";
import type { Trajectory } from "../../../src/core/rollout/trajectory.ts";
import { headOfContent, issuesOf, scanAll } from "./memorySource.ts";

type Json = Record<string, unknown>;

async function read(
  steps: readonly Json[],
  episode: Json = {},
  path = "episodes/train_step_3_epoch_0/e.json",
): Promise<{ one: Trajectory; all: readonly Trajectory[]; issues: readonly string[] }> {
  const record = {
    training_step: 3,
    episode_id: "t:0",
    trajectories: [{ name: "solver", steps }],
    ...episode,
  };
  const records = await scanAll(rllm, JSON.stringify(record, null, 2), path);
  const all = records.flatMap(({ trajectories }) => trajectories);
  return { one: all[0]!, all, issues: issuesOf(records) };
}

const user = (content: string): Json => ({ role: "user", content });
const model = (content: string): Json => ({ role: "assistant", content });
const shape = ({ turns }: Trajectory): unknown => turns.map(({ role, content }) => [role, content]);

describe("chat_completions repeat the conversation", () => {
  test("each message is told once, and each answer is the model's own words", async () => {
    const first = [user("q"), model("a")];
    const { one } = await read([
      { chat_completions: first, model_response: "<think>x</think>a", reward: 0 },
      { chat_completions: [...first, user("o"), model("b")], model_response: "b", reward: 1 },
    ]);
    expect(shape(one)).toEqual([
      ["user", "q"],
      ["assistant", "<think>x</think>a"],
      ["user", "o"],
      ["assistant", "b"],
    ]);
    expect(one.turns.map(({ reward }) => reward)).toEqual([NaN, 0, NaN, 1]);
    expect(one.turns[1]!.extra.get("message_content")).toBe("a");
  });

  test("what was rewritten is told anew from there on", async () => {
    const { one } = await read([
      { chat_completions: [user("q"), model("a")] },
      { chat_completions: [user("q"), model("a (shortened)"), user("o"), model("b")] },
    ]);
    expect(shape(one)).toEqual([
      ["user", "q"],
      ["assistant", "a"],
      ["assistant", "a (shortened)"],
      ["user", "o"],
      ["assistant", "b"],
    ]);
    expect(one.turns.map(({ trainable }) => trainable)).toEqual([false, true, false, false, true]);
  });

  test("without anything new the observation is what the model saw", async () => {
    const { one } = await read([
      { observation: "q", action: "a" },
      { observation: { board: 1 }, action: { move: 2 } },
    ]);
    expect(shape(one)).toEqual([
      ["user", "q"],
      ["assistant", "a"],
      ["environment", '{"board":1}'],
      ["assistant", '{"move":2}'],
    ]);
  });
});

describe("tokens of an evaluation", () => {
  const step = (prompt_ids: unknown, response_ids: unknown, more: Json = {}): Json => ({
    prompt_ids,
    response_ids,
    observation: "o",
    model_response: "a",
    ...more,
  });
  const ids = ({ turns }: Trajectory): unknown => turns.map(({ tokens }) => tokens && [...tokens.ids!]);

  test("a prompt that goes on from the tokens before adds only what is new", async () => {
    const { one } = await read([step([1, 2], [3]), step([1, 2, 3, 4], [5])]);
    expect(ids(one)).toEqual([[1, 2], [3], [4], [5]]);
    expect([...one.turns[2]!.tokens!.mask]).toEqual([0]);
  });

  test("a prompt that does not is kept as it stands", async () => {
    const { one } = await read([step([1, 2], [3]), step([1, 9], [5])]);
    expect(ids(one)).toEqual([[1, 2], [3], null, [5]]);
    expect(one.turns[3]!.extra.get("prompt_ids")).toEqual([1, 9]);
  });

  test("a scalar advantage is each token's, and the trajectory says so; null is none", async () => {
    const { one } = await read([step([1], [2, 3], { advantage: -0.5 })]);
    expect([...one.turns[1]!.tokens!.columns.get("advantages")!]).toEqual([-0.5, -0.5]);
    expect(one.signals.get("advantages")).toEqual({ source: "one number a step", level: "turn" });
    const none = await read([step([1], [2, 3], { advantage: null })]);
    expect([none.one.turns[1]!.tokens!.columns.size, none.one.signals.size]).toEqual([0, 0]);
  });

  test("columns of another length are cut or end missing, and are named", async () => {
    const { one, issues } = await read([step([1], [2, 3], { logprobs: [-1, -2, -3], advantage: [0.5] })]);
    const { columns } = one.turns[1]!.tokens!;
    expect([...columns.get("logprobs")!]).toEqual([-1, -2]);
    expect([...columns.get("advantages")!]).toEqual([0.5, NaN]);
    expect(issues).toEqual(["bad-field:1", "bad-field:1"]);
  });
});

test("agents of one episode are trajectories in groups of their own", async () => {
  const agents = ["solver", "judge"].map((name) => ({ name, reward: 1, steps: [{ action: "x" }] }));
  const { all } = await read([], { trajectories: agents });
  expect(all.map(({ id, group, groupSource, turns }) => [id, group, groupSource, turns[0]!.agent])).toEqual([
    ["t:0#0", "t:solver", "uid-prefix", "solver"],
    ["t:0#1", "t:judge", "uid-prefix", "judge"],
  ]);
});

test("an evaluation's step is the version of its weights; a trainer's validation is told by its folder", async () => {
  const evaluation = { training_step: undefined, eval_idx: 0, episode_id: undefined, id: "t:1" };
  const { one } = await read([{ action: "x", weight_version: 7 }], evaluation);
  expect([one.id, one.group, one.trainStep, one.split]).toEqual(["t:1", "t", 7, "validation"]);
  const validation = await read([{ action: "x" }], {}, "episodes/val_step_3_epoch_0/e.json");
  expect([validation.one.trainStep, validation.one.split]).toEqual([3, "validation"]);
});

test.each([
  ["max_turns_exceeded", true],
  ["timeout", true],
  ["env_done", false],
  ["error", null],
  [null, null],
])("an episode that ended by %s", async (termination_reason, truncated) => {
  expect((await read([], { termination_reason })).one.truncated).toBe(truncated);
});

test("an episode that is still written is shown as far as it goes", async () => {
  const record = {
    training_step: 3,
    episode_id: "t:0",
    trajectories: [{ name: "s", steps: [{ action: "a" }, { action: "b" }] }],
  };
  const text = JSON.stringify(record, null, 2);
  const torn = text.slice(0, text.indexOf('"b"'));
  expect(sniffFormat(await headOfContent(torn, "e.json"))?.id).toBe("rllm");
  const records = await scanAll(rllm, torn, "e.json");
  expect(records[0]!.trajectories[0]!.turns.map(({ content }) => content)).toEqual(["a", ""]);
  expect(issuesOf(records)).toEqual(["torn-line:1"]);
});

test("summaries beside the episodes are no rollouts", async () => {
  expect(sniffFormat(await headOfContent('{\n  "training_step": 3,\n  "num_episodes": 2\n}'))).toBeNull();
  expect(sniffFormat(await headOfContent('{"items": [{"idx": 0, "attempt": 0, "reward": 1}]}'))).toBeNull();
});
