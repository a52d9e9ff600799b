import { expect, test } from "vitest";
import { verifiersLegacy } from "../../../src/core/format/formats/verifiersLegacy.ts";
import type { Trajectory } from "../../../src/core/rollout/trajectory.ts";
import { scanAll } from "./memorySource.ts";

const row = {
  example_id: 3,
  prompt: [{ role: "user", content: "Q" }],
  completion: [
    { role: "assistant", content: "a" },
    { role: "tool", content: "t" },
    { role: "assistant", content: "b" },
  ],
  reward: 1,
};

async function read(changes: Readonly<Record<string, unknown>>): Promise<Trajectory> {
  const [first] = await scanAll(verifiersLegacy, `${JSON.stringify({ ...row, ...changes })}\n`);
  return first!.trajectories[0]!;
}

const step = (prompt: readonly number[], completion: readonly number[], advantage: number): unknown => ({
  prompt: [],
  completion: [],
  tokens: {
    prompt_ids: prompt,
    prompt_mask: prompt.map(() => 0),
    completion_ids: completion,
    completion_mask: completion.map((_, t) => (t === 0 ? 0 : 1)),
    completion_logprobs: completion.map((id) => -id / 8),
  },
  advantage,
  reward: advantage / 2,
});

test("a step's tokens are what it adds to those before it", async () => {
  const { turns } = await read({
    trajectory: [step([1, 2], [3, 4], 0.5), step([1, 2, 3, 4, 5, 6], [7, 8, 9], -1)],
  });
  expect(turns.map(({ tokens }) => [...tokens!.ids!])).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8, 9],
  ]);
  expect(turns.map(({ tokens }) => [...tokens!.mask])).toEqual([
    [0, 0],
    [0, 1],
    [0, 0],
    [0, 1, 1],
  ]);
  expect(turns[3]!.tokens!.columns.get("advantages")).toEqual(new Float64Array([NaN, -1, -1]));
  expect(turns[3]!.tokens!.columns.get("logprobs")).toEqual(new Float64Array([-0.875, -1, -1.125]));
  expect(turns.map(({ reward }) => reward)).toEqual([NaN, 0.25, NaN, -0.5]);
});

test("a context that was rewritten gives no tokens to the messages before the step", async () => {
  const { turns } = await read({ trajectory: [step([1, 2], [3, 4], 0), step([1, 9, 5], [7], 0)] });
  expect(turns.map(({ tokens }) => tokens?.ids?.length ?? null)).toEqual([2, 2, null, 1]);
});

test("without a message between two steps the template's tokens open the later turn", async () => {
  const completion = [row.completion[0], row.completion[2]];
  const trajectory = [step([1], [2, 3], 0), step([1, 2, 3, 4], [5, 6], 1)];
  const { turns } = await read({ completion, trajectory });
  const { ids, mask, columns } = turns[2]!.tokens!;
  expect([[...ids!], [...mask]]).toEqual([
    [4, 5, 6],
    [0, 0, 1],
  ]);
  expect(columns.get("advantages")).toEqual(new Float64Array([NaN, NaN, 1]));
});

test("steps that are not the answers one by one stay as they are", async () => {
  const trajectory = [step([1], [2], 0)];
  const one = await read({ trajectory });
  expect(one.turns.every(({ tokens }) => tokens === null)).toBe(true);
  expect(one.extra.get("trajectory")).toEqual(trajectory);
});

test("flattened metrics are told once; a field of the same name with another value stays", async () => {
  const one = await read({ metrics: { a: 1, b: 0.5, reward: 2 }, a: 1, b: "x" });
  expect([...one.rewards]).toEqual([
    ["a", 1],
    ["b", 0.5],
    ["reward", 2],
  ]);
  expect([one.reward, [...one.extra]]).toEqual([1, [["b", "x"]]]);
});

test("an assistant's message of the prompt is an example, not the policy's", async () => {
  const { turns } = await read({ prompt: [{ role: "assistant", content: "shot" }], completion: "own" });
  expect(turns.map(({ trainable }) => trainable)).toEqual([false, true]);
});
