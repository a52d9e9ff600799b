import { expect, test } from "vitest";
import { joinTokens } from "../../../src/core/format/joinTokens.ts";
import { tokenKey } from "../../../src/core/format/tokenKey.ts";
import { bareTokens } from "../../../src/core/rollout/bareTokens.ts";
import { textTrajectory, textTurn } from "../../../src/core/rollout/textTrajectory.ts";
import type { Trajectory } from "../../../src/core/rollout/trajectory.ts";

type Columns = Readonly<Record<string, readonly number[]>>;

/** A trajectory with a turn for each list of ids; null is a turn without tokens. */
function rollout(
  ...turns: readonly (readonly [ids: readonly number[] | null, columns?: Columns])[]
): Trajectory {
  return textTrajectory(
    "t",
    turns.map(([ids, columns = {}], i) => ({
      ...textTurn(i % 2 === 0 ? "user" : "assistant", "x", i - 1),
      tokens:
        ids === null
          ? null
          : bareTokens(
              {
                n: ids.length,
                ids: Int32Array.from(ids),
                mask: null,
                columns: new Map(
                  Object.entries(columns).map(([name, values]) => [name, Float64Array.from(values)]),
                ),
              },
              i % 2 === 1,
            ),
    })),
  );
}

test("a key is that of the ids in order, however they are cut", () => {
  const key = tokenKey(rollout([[1, 2, 3, 4]]));
  expect(Number.isSafeInteger(key)).toBe(true);
  for (const same of [rollout([[1, 2]], [[3, 4]]), rollout([null], [[1, 2, 3]], [[]], [[4]])])
    expect(tokenKey(same)).toBe(key);
  for (const ids of [
    [1, 2, 3],
    [1, 2, 4, 3],
    [1, 2, 3, 5],
    [0, 1, 2, 3, 4],
    [2, 1, 3, 4],
  ])
    expect(tokenKey(rollout([ids]))).not.toBe(key);
});

test("keys of many sequences do not meet", () => {
  const keys = new Set<number | null>();
  for (let a = 0; a < 200; a++) for (let b = 0; b < 200; b++) keys.add(tokenKey(rollout([[a, b, 7, 7]])));
  for (let n = 1; n <= 500; n++) keys.add(tokenKey(rollout([Array.from({ length: n }, () => 0)])));
  expect(keys.size).toBe(40_500);
});

test("tokens without ids have no key, nor have no tokens", () => {
  expect(tokenKey(rollout([null]))).toBeNull();
  expect(tokenKey(rollout([[]]))).toBeNull();
  const bare = rollout([[1]], [[2]]);
  const [first, second] = bare.turns;
  const without = { ...bare, turns: [first!, { ...second!, tokens: { ...second!.tokens!, ids: null } }] };
  expect(tokenKey(without)).toBeNull();
  expect(joinTokens(without, bare)).toBe(without);
});

test("columns are joined over other turns; what a turn logs itself stays", () => {
  const ours = rollout([[1, 2]], [[3, 4, 5], { logprobs: [-1, -2, -3] }], [null], [[6]]);
  const theirs = rollout(
    [[1, 2, 3], { entropy: [NaN, NaN, 0.3] }],
    [[4, 5, 6], { entropy: [0.4, 0.5, NaN], logprobs: [-9, -9, -9], trainer_logprobs: [-4, -5, -6] }],
  );
  const joined = joinTokens(ours, theirs);
  expect(joined.turns.map(({ tokens }) => tokens && [...tokens.columns])).toEqual([
    [],
    [
      ["logprobs", new Float64Array([-1, -2, -3])],
      ["entropy", new Float64Array([0.3, 0.4, 0.5])],
      ["trainer_logprobs", new Float64Array([NaN, -4, -5])],
    ],
    null,
    [
      ["logprobs", new Float64Array([-9])],
      ["trainer_logprobs", new Float64Array([-6])],
    ],
  ]);
  expect(joined.turns[0]).toBe(ours.turns[0]);
  expect(ours.turns[1]!.tokens!.columns.size).toBe(1);
});

test("another rollout's columns are not joined", () => {
  const ours = rollout([[1, 2]]);
  expect(joinTokens(ours, rollout([[1, 3], { entropy: [1, 1] }]))).toBe(ours);
  expect(joinTokens(ours, rollout([[1, 2, 3], { entropy: [1, 1, 1] }]))).toBe(ours);
});
