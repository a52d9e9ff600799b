import { describe, expect, test } from "vitest";
import { readArtTrajectory } from "../../../src/core/format/art/trajectory.ts";
import { art, artPlace } from "../../../src/core/format/formats/art.ts";
import { sniffFormat } from "../../../src/core/format/registry.ts";
import type { Trajectory } from "../../../src/core/rollout/trajectory.ts";
import { headOfContent, scanAll } from "./memorySource.ts";

function read(record: Record<string, unknown>): { trajectory: Trajectory; issues: readonly string[] } {
  const issues: string[] = [];
  const report = (_: string, message: string): void => void issues.push(message);
  return { trajectory: readArtTrajectory(record, { id: "x", where: "", report }), issues };
}

describe("a trajectory of ART", () => {
  test("in Parquet's form: objects in strings, `trainable` for what was sampled", () => {
    const call = '[{"id": "c1", "type": "function", "function": {"name": "mul", "arguments": "{}"}}]';
    const none = { tool_calls: null, tool_call_id: null };
    const { trajectory, issues } = read({
      reward: 1,
      metrics: '{"correct": 1.0, "bad": NaN}',
      metadata: '{"scenario_id": "s0"}',
      tools: null,
      logs: ["ok"],
      messages: [
        { role: "user", content: "q", ...none, trainable: false },
        { role: "assistant", content: "example", ...none, trainable: false },
        { role: "assistant", content: null, tool_calls: call, tool_call_id: null, trainable: true },
        { role: "tool", content: "84", tool_calls: null, tool_call_id: "c1", trainable: false },
      ],
    });
    expect(issues).toEqual([]);
    expect(trajectory.turns.map(({ role, trainable, toolCallId }) => [role, trainable, toolCallId])).toEqual([
      ["user", false, null],
      ["assistant", false, null],
      ["assistant", true, null],
      ["tool", false, "c1"],
    ]);
    expect(trajectory.turns[2]!.toolCalls).toEqual([{ id: "c1", name: "mul", arguments: "{}" }]);
    expect(trajectory.metadata).toEqual({ scenario_id: "s0" });
    expect(trajectory.extra.get("metrics")).toEqual({ correct: 1, bad: null });
    expect(trajectory.turns.every(({ extra }) => !extra.has("trainable"))).toBe(true);
  });

  test("an additional history begins anew, and is trained on too", () => {
    const choice = (content: string): unknown => ({
      finish_reason: "stop",
      index: 0,
      message: { role: "assistant", content },
    });
    const ask = { role: "user", content: "q" };
    const { trajectory } = read({
      messages_and_choices: [ask, choice("a")],
      additional_histories: JSON.stringify([
        { messages_and_choices: [ask, choice("b")] },
        { messages: [ask, { role: "assistant", content: "c", trainable: true }] },
      ]),
    });
    expect(trajectory.turns.map(({ content, parent, trainable }) => [content, parent, trainable])).toEqual([
      ["q", -1, false],
      ["a", 0, true],
      ["q", -1, false],
      ["b", 2, true],
      ["q", -1, false],
      ["c", 4, true],
    ]);
    expect(trajectory.turns.map(({ extra }) => extra.get("history"))).toEqual([
      undefined,
      undefined,
      1,
      undefined,
      2,
      undefined,
    ]);
  });

  test("text that is no JSON stays text", () => {
    const { trajectory, issues } = read({ messages: [], metrics: "{broken", metadata: "plain" });
    expect([trajectory.metadata, trajectory.extra.get("metrics")]).toEqual(["plain", "{broken"]);
    expect(issues).toEqual([]);
  });
});

test("rollouts of one line are a group; step and split stand in the path", async () => {
  const line = JSON.stringify({
    trajectories: [1, 0].map((reward) => ({ reward, messages_and_choices: [] })),
  });
  const records = await scanAll(art, `${line}\n${line}\n`, "models/m/trajectories/val/0012.jsonl");
  const all = records.flatMap(({ trajectories }) => trajectories);
  expect(all.map(({ id, group, trainStep, split }) => [id, group, trainStep, split])).toEqual([
    ["L1.0", "L1", 12, "validation"],
    ["L1.1", "L1", 12, "validation"],
    ["L2.0", "L2", 12, "validation"],
    ["L2.1", "L2", 12, "validation"],
  ]);
  expect(artPlace("trajectories/train/0003.parquet")).toEqual({ trainStep: 3, split: "train" });
  expect(artPlace("trajectories/values/x.jsonl")).toEqual({ trainStep: null, split: "train" });
});

test("episodes with steps are rLLM's, groups with messages ART's", async () => {
  const id = async (record: unknown): Promise<string | undefined> =>
    sniffFormat(await headOfContent(JSON.stringify(record)))?.id;
  expect(await id({ trajectories: [{ messages_and_choices: [] }] })).toBe("art");
  expect(await id({ training_step: 1, trajectories: [{ steps: [] }] })).toBe("rllm");
  expect(await id({ trajectories: [{ steps: [] }] })).toBeUndefined();
});
