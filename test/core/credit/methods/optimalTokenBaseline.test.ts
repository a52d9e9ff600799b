import { expect, test } from "vitest";
import type { BatchMember } from "../../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../../src/core/credit/engine.ts";
import { member, turnOf } from "../trajectories.ts";

/** Tokens sampled with probability 1/2 from a policy with Σπ² = 1/2: w = 1 − 1 + 1/2. */
const half = Math.log(1 / 2);

function rollout(
  rewards: number[],
  fields: { mask?: number[]; group?: string; squares?: number[] } = {},
): BatchMember {
  const n = rewards.length;
  const columns = {
    rewards,
    old_logprobs: rewards.map(() => half),
    sum_pi_squared: fields.squares ?? rewards.map(() => 0.5),
  };
  const { mask, group = "g" } = fields;
  return member(group, [turnOf("assistant", n, { columns, ...(mask === undefined ? {} : { mask }) })]);
}

function lane(
  members: readonly BatchMember[],
  name: string,
  params: Record<string, unknown> = {},
): number[][] {
  const run = makeBatch(members).credit("optimalTokenBaseline", params);
  return members.map((_, r) => [...run.lane(r, name)]);
}

test("by hand: the rollout that has spent more gradient weighs more in the baseline", () => {
  const members = [rollout([0, 1]), rollout([0, 0], { squares: [1.5, 0.5] })];
  // W = ½, 1 and 1½, 2; returns 1, 1 and 0, 0.
  expect(lane(members, "energy").flat()).toEqual([0.5, 1, 1.5, 2].map((x) => expect.closeTo(x, 12)));
  const [first, second] = [0.5 / (2 + 1e-8), 1 / (3 + 1e-8)];
  expect(lane(members, "credit").flat()).toEqual(
    [1 - first, 1 - second, -first, -second].map((x) => expect.closeTo(x, 12)),
  );
});

test("a group of one has no baseline and is flagged", () => {
  const run = makeBatch([rollout([0, 1])]).credit("optimalTokenBaseline", {});
  expect(run.credit(0)).toMatchObject({
    turns: [{ tokens: new Float64Array([1, 1]) }],
    flags: ["singleton"],
  });
});

test("beyond the second longest rollout the longest stands alone: its baseline is 0 there, unless asked for", () => {
  const members = [rollout([0, 0, 1]), rollout([0])];
  expect(lane(members, "baseline")[0]!.slice(1)).toEqual([0, 0]);
  expect(lane(members, "credit", { zeroTail: false })[0]!.slice(1)).toEqual(
    [0, 0].map((x) => expect.closeTo(x, 7)),
  );
});

test("tool tokens count in the depth, or do not: then the second trained tokens meet", () => {
  const members = [rollout([0, 0, 1], { mask: [1, 0, 1] }), rollout([0, 0])];
  const [first, second] = [1 / 2 / (1 + 1e-8), 1 / (2 + 1e-8)];
  // Alone at the third position, yet no longest: both have two trained tokens. Its baseline is its own return.
  expect(lane(members, "credit")).toEqual([
    [expect.closeTo(1 - first, 12), 0, expect.closeTo(0, 7)],
    // The first rollout's second position is a tool's: only 0 is there.
    [expect.closeTo(-first, 12), 0],
  ]);
  expect(lane(members, "credit", { preset: "released:verlMultiTurn" })).toEqual([
    [expect.closeTo(1 - first, 12), 0, expect.closeTo(1 - second, 12)],
    [expect.closeTo(-first, 12), expect.closeTo(-second, 12)],
  ]);
});

test("importance weights count squared", () => {
  const weighted = (weight: number, reward: number): BatchMember => {
    const columns = {
      rewards: [reward],
      old_logprobs: [half],
      sum_pi_squared: [0.5],
      rollout_is_weights: [weight],
    };
    return member("g", [turnOf("assistant", 1, { columns })]);
  };
  const [first] = lane([weighted(2, 1), weighted(1, 0)], "baseline", { importance: true });
  expect(first![0]).toBeCloseTo(2 / 2.5, 7);
});

test("what is missing is said", () => {
  const bare = member("g", [turnOf("assistant", 1, { columns: { rewards: [1] } })]);
  expect(makeBatch([bare]).missing(0, "optimalTokenBaseline")).toEqual([
    "token.sum_pi_squared",
    "token.old_logprobs",
  ]);
  expect(makeBatch([bare]).credit("optimalTokenBaseline", { policy: "logprobs" }).credit(0)).toMatchObject({
    missing: ["token.sum_pi_squared", "token.logprobs"],
  });
});
