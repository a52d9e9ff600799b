import { expect, test } from "vitest";
import { atropos } from "../../../src/core/format/formats/atropos.ts";
import { sniffFormat } from "../../../src/core/format/registry.ts";
import { headOfContent, issuesOf, scanAll } from "./memorySource.ts";

const group = {
  tokens: [
    [1, 2, 3],
    [1, 2, 4, 5],
  ],
  masks: [
    [-100, -100, 3],
    [-100, -100, 4, 5],
  ],
  scores: [1, -1],
};

test("a line is a group; what has an entry a rollout is the rollout's, the rest the group's", async () => {
  const line = {
    ...group,
    parsed: ["a", "b"],
    seed: 7,
    items: [1, 2, 3],
    overrides: null,
    token_scores: [
      [1, 2, 3],
      [4, 5, 6, 7],
    ],
  };
  const [, first] = await scanAll(atropos, `${JSON.stringify(group)}\n${JSON.stringify(line)}\n`);
  const [one, two] = first!.trajectories;
  expect([one!.id, one!.group, one!.groupSource, one!.reward]).toEqual(["L2.0", "L2", "line", 1]);
  expect([two!.id, two!.reward, two!.trainStep]).toEqual(["L2.1", -1, null]);
  expect([...two!.extra]).toEqual([["parsed", "b"]]);
  expect(two!.metadata).toEqual({ seed: 7, items: [1, 2, 3] });
  expect(two!.turns.map(({ tokens }) => tokens!.columns.get("token_scores"))).toEqual([
    new Float64Array([4, 5]),
    new Float64Array([6, 7]),
  ]);
});

test("1.0 is no logprob; a token id that equals a mask's label is trained on", async () => {
  const line = {
    tokens: [[9, 0, 1]],
    masks: [[-100, 0, 1]],
    scores: [0],
    inference_logprobs: [[1.0, 0, -0.5]],
    advantages: [[0, 2, 2]],
  };
  const [first] = await scanAll(atropos, JSON.stringify(line));
  const [prompt, answer] = first!.trajectories[0]!.turns;
  expect([...prompt!.tokens!.columns.keys()]).toEqual(["advantages"]);
  expect([...answer!.tokens!.mask]).toEqual([1, 1]);
  expect(answer!.tokens!.columns.get("logprobs")).toEqual(new Float64Array([0, -0.5]));
});

test("lists of other lengths are said, and the rest of the group is read", async () => {
  const line = {
    ...group,
    scores: [1],
    masks: [[-100, 3]],
    advantages: [[1], [1, 1, 1, 1]],
    messages: [7, null],
  };
  const records = await scanAll(atropos, JSON.stringify(line));
  const [one, two] = records[0]!.trajectories;
  expect(issuesOf(records)).toEqual(Array.from({ length: 5 }, () => "bad-field:1"));
  expect([one!.reward, two!.reward]).toEqual([1, NaN]);
  expect(one!.turns.map(({ tokens }) => [...tokens!.mask])).toEqual([[0, 0, 0]]);
  expect(two!.turns[0]!.tokens!.columns.get("advantages")).toEqual(new Float64Array([1, 1, 1, 1]));
});

test("groups are told by their three lists", async () => {
  const idOf = async (one: unknown): Promise<string | undefined> =>
    sniffFormat(await headOfContent(JSON.stringify(one)))?.id;
  expect(await idOf(group)).toBe("atropos");
  expect(await idOf({ ...group, tokens: [1, 2] })).toBeUndefined();
  expect(await idOf({ tokens: [[1]], masks: [[1]] })).toBeUndefined();
});

test("a group of a million tokens is read in a moment", async () => {
  const n = 62_500;
  const list = <T>(value: T): readonly T[][] =>
    Array.from({ length: 16 }, () => Array.from({ length: n }, () => value));
  const line = JSON.stringify({
    tokens: list(7),
    masks: list(-100),
    scores: list(0).map(() => 0),
    advantages: list(0.125),
  });
  const started = performance.now();
  const [first] = await scanAll(atropos, line);
  expect(first!.trajectories).toHaveLength(16);
  expect(performance.now() - started).toBeLessThan(5000);
});
