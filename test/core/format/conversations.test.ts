import { describe, expect, test } from "vitest";
import { ragen } from "../../../src/core/format/formats/ragen.ts";
import { shareGpt } from "../../../src/core/format/formats/shareGpt.ts";
import { sniffFormat } from "../../../src/core/format/registry.ts";
import type { Trajectory } from "../../../src/core/rollout/trajectory.ts";
import { headOfContent, idsOf, scanAll } from "./memorySource.ts";

describe("RAGEN", () => {
  const read = async (...states: readonly string[]): Promise<Trajectory> => {
    const messages = states.flatMap((content) => [
      { role: "assistant", content: "act" },
      { role: "user", content },
    ]);
    const record = { custom_id: "traj_0", messages, metadata: { group_id: 3, total_reward: 1, success: 0 } };
    return (await scanAll(ragen, JSON.stringify(record)))[0]!.trajectories[0]!;
  };

  test.each([
    ["s (reward: -0.1)", -0.1],
    ["s (reward: 1e-3)\n", 0.001],
    ["s (reward: 0)", 0],
    ["(reward: 10.) ", 10],
    ["s (reward: 1) and more", NaN],
    ["(reward: 1) s (reward: 2)", NaN],
    ["s (reward: one)", NaN],
    ["s (reward: nan)", NaN],
    ["s", NaN],
  ])("the state %j gives the reward %s", async (state, reward) => {
    const { turns, signals } = await read(state);
    expect(turns[0]!.reward).toBe(reward);
    expect(turns[1]!.reward).toBeNaN();
    expect(signals.get("turnReward")?.source).toBe(Number.isNaN(reward) ? undefined : "parsed from the text");
  });

  test("a reward of 0 is one, no success is none", async () => {
    const trajectory = await read("s (reward: 0)");
    expect([trajectory.reward, trajectory.success, trajectory.group]).toEqual([1, false, "3"]);
  });
});

describe("ShareGPT", () => {
  const read = async (record: unknown): Promise<Trajectory> =>
    (await scanAll(shareGpt, JSON.stringify(record)))[0]!.trajectories[0]!;

  test.each([
    [{ weight: 0 }, false],
    [{ weight: "0" }, false],
    [{ loss: false }, false],
    [{ train: false }, false],
    [{ weight: 0.5, loss: true }, true],
    [{ weight: null }, true],
    [{}, true],
  ])("a turn with %j is trained on: %s", async (more, trainable) => {
    const { turns } = await read({ conversations: [{ from: "gpt", value: "x", ...more }] });
    expect(turns[0]!.trainable).toBe(trainable);
    expect(Object.fromEntries(turns[0]!.extra)).toEqual(more);
  });

  test("a weight makes nobody else's turn trained on", async () => {
    const { turns } = await read({ conversations: [{ from: "human", value: "x", weight: 1 }] });
    expect(turns[0]!.trainable).toBe(false);
  });

  test("speakers that are nobody's other name keep theirs, names of every object among them", async () => {
    const { turns } = await read({
      conversations: [
        { from: "constructor", value: "x" },
        { from: "toString", value: "y" },
      ],
    });
    expect(turns.map(({ role }) => role)).toEqual(["constructor", "toString"]);
  });

  test("an array of conversations is read as lines are, by the lines they begin in", async () => {
    const all = [
      { conversations: [{ from: "human", value: "a" }] },
      { conversations: [{ from: "human", value: "b" }] },
    ];
    expect(idsOf(await scanAll(shareGpt, JSON.stringify(all, null, 1), "x.json"))).toEqual(["L2", "L10"]);
  });
});

test.each([
  ["ragen", { custom_id: "t", messages: [{ role: "user", content: "x" }], metadata: { group_id: 0 } }],
  ["chat", { custom_id: "t", messages: [{ role: "user", content: "x" }], metadata: {} }],
  ["shareGpt", { conversations: [{ from: "human", value: "x" }] }],
  ["chat", { messages: [{ role: "user", content: "x" }], conversations: [] }],
  [undefined, { conversations: [{ speaker: "x" }] }],
])("%s is told by its names", async (id, record) => {
  expect(sniffFormat(await headOfContent(JSON.stringify(record)))?.id).toBe(id);
});
