import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BatchMember } from "../../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../../src/core/credit/engine.ts";
import { textTurn } from "../../../../src/core/rollout/textTrajectory.ts";
import { member, turnOf } from "../trajectories.ts";

/** A rollout of group g: a question, and an answer of as many tokens as it has KL penalties. */
function rollout(
  reward: number,
  kl: number[],
  fields: { mask?: number[]; values?: number[] } = {},
): BatchMember {
  const { mask, values } = fields;
  const columns = { kl, ...(values === undefined ? {} : { values }) };
  const answer = turnOf("assistant", kl.length, { columns, ...(mask === undefined ? {} : { mask }) });
  return member("g", [textTurn("user", "q", -1), answer], { reward });
}

function creditsOf(
  members: readonly BatchMember[],
  method: string,
  params: Record<string, unknown>,
): number[][] {
  const run = makeBatch(members).credit(method, params);
  return members.map((_, r) => [...run.lane(r, "credit")]);
}

describe("REINFORCE as in OpenRLHF", () => {
  test("the KL penalty is taken off every token, the outcome stands at the last trained one", () => {
    const one = rollout(1, [0.1, 0.2, 0.9], { mask: [1, 1, 0] });
    const [returns] = creditsOf([one], "reinforce", { beta: 0.5, whiten: false });
    // 1 − 0.5 · 0.2 at the last trained token; KL of the masked one does not count.
    expect(returns!.map((x) => x.toFixed(9))).toEqual([0.9 - 0.05, 0.9, 0].map((x) => x.toFixed(9)));
  });

  test("a group of one has no baseline of the others, and takes no credit from them when whitened", () => {
    const pair = [rollout(1, [0, 0]), rollout(0, [0])];
    const alone = { ...rollout(1, [0]), groupKey: "alone" };
    const params = { baseline: "leaveOneOut" };
    const [one, other, own] = creditsOf([...pair, alone], "reinforce", params);
    expect([one, other]).toEqual(creditsOf(pair, "reinforce", params));
    expect([one![0]! > 0, own]).toEqual([true, [NaN]]);
  });

  test("a masked token is a step of discount: γ decays over it", () => {
    const one = rollout(1, [0, 0, 0], { mask: [1, 0, 1] });
    expect(creditsOf([one], "reinforce", { gamma: 0.5, whiten: false })).toEqual([[0.25, 0.5, 1]]);
  });

  test("the group's baseline knows nothing of KL, and γ is 1 with it", () => {
    const members = [rollout(1, [0.2, 0.4]), rollout(0, [0, 0])];
    const params = { preset: "released:openrlhfRloo", beta: 1, gamma: 0.5 };
    // Leave-one-out: 1 − 0 and 0 − 1.
    const [first, second] = creditsOf(members, "reinforce", params);
    expect(first!.map((x) => x.toFixed(9))).toEqual([1 - 0.6, 1 - 0.4].map((x) => x.toFixed(9)));
    expect(second).toEqual([-1, -1]);
  });

  test("group norm divides by the deviation over n − 1 plus 1e-9", () => {
    const members = [rollout(1, [0]), rollout(0, [0]), rollout(0, [0])];
    const [first] = creditsOf(members, "reinforce", { preset: "released:openrlhfGroupNorm" });
    expect(first![0]).toBeCloseTo((1 - 1 / 3) / (Math.sqrt(1 / 3) + 1e-9), 12);
  });

  test("bounds hold the outcome after its baseline", () => {
    const members = [rollout(3, [0]), rollout(0, [0])];
    const clip = { min: -1, max: 0.5 };
    expect(creditsOf(members, "reinforce", { preset: "released:openrlhfDrGrpo", clip })).toEqual([
      [0.5],
      [-1],
    ]);
    expect(creditsOf(members, "reinforce", { clip, whiten: false })).toEqual([[0.5], [0]]);
  });

  test("whitening: mean 0 and variance 1 over n, or the mean alone", () => {
    const members = [rollout(2, [0]), rollout(0, [0])];
    expect(creditsOf(members, "reinforce", {})).toEqual([[1], [-1]]);
    expect(creditsOf([rollout(4, [0]), rollout(0, [0])], "reinforce", { normalizeByStd: false })).toEqual([
      [2],
      [-2],
    ]);
  });

  test("denser rewards keep their places, what the baseline takes off is taken off at the end", () => {
    const dense = (rewards: number[]): BatchMember =>
      member("g", [turnOf("assistant", 2, { columns: { rewards } })], {});
    const members = [dense([0.5, 0.5]), dense([0, 0])];
    // Outcomes 1 and 0, mean 1/2: −1/2 at the last token of each.
    expect(creditsOf(members, "reinforce", { preset: "released:openrlhfDrGrpo" })).toEqual([
      [0.5, 0],
      [-0.5, -0.5],
    ]);
  });

  test("a group of one has no others: no credit as released, 0 on request, and is flagged; not without a baseline", () => {
    const run = (params: Record<string, unknown>): unknown =>
      makeBatch([rollout(1, [0])])
        .credit("reinforce", params)
        .credit(0);
    expect(run({ preset: "released:openrlhfRloo" })).toMatchObject({ flags: ["singleton", "non-finite"] });
    expect(run({ preset: "released:openrlhfRloo", singleton: "zero" })).toMatchObject({
      turns: [{}, { tokens: new Float64Array([0]) }],
      flags: ["singleton"],
    });
    expect(run({ whiten: false })).toMatchObject({ flags: [] });
  });

  test("what is missing is said: KL where it is weighed, tokens on text", () => {
    const plain = member("g", [turnOf("assistant", 1)], { reward: 1 });
    const batch = makeBatch([plain]);
    expect(batch.credit("reinforce", { beta: 0.1 }).credit(0)).toMatchObject({ missing: ["token.kl"] });
    expect(batch.missing(0, "reinforce")).toEqual([]);
    const text = member("g", [textTurn("assistant", "A.", -1)], { reward: 1 });
    expect(makeBatch([text]).missing(0, "reinforce")).toEqual(["token.mask"]);
  });

  test("with KL and whitening off, the mean baseline gives every token Dr.GRPO's number", () => {
    const rewards = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(rewards, (all) => {
        const members = all.map((reward) => rollout(reward, [0, 0]));
        const batch = makeBatch(members);
        const tokens = batch.credit("reinforce", { preset: "released:openrlhfDrGrpo" });
        const whole = batch.credit("drGrpo", {});
        members.forEach((_, r) => {
          for (const x of tokens.lane(r, "credit")) expect(x).toBeCloseTo(whole.lane(r, "credit")[0]!, 9);
        });
      }),
    );
  });
});

describe("GAE as in OpenRLHF", () => {
  const preset = { preset: "released:openrlhf", stage: "raw", lambda: 0 };

  test("KL is taken off the rewards, bounds hold the outcome", () => {
    const one = rollout(3, [0.1, 0.2], { values: [0.5, 0.25] });
    const [credit] = creditsOf([one], "gae", { ...preset, beta: 1, clip: { max: 2 } });
    expect(credit!.map((x) => x.toFixed(9))).toEqual(
      [-0.1 + 0.25 - 0.5, 2 - 0.2 - 0.25].map((x) => x.toFixed(9)),
    );
  });

  test("without division by the deviation only the mean goes", () => {
    const members = [rollout(1, [0], { values: [0] }), rollout(0, [0], { values: [0] })];
    expect(creditsOf(members, "gae", { preset: "released:openrlhf", normalizeByStd: false })).toEqual([
      [0.5],
      [-0.5],
    ]);
  });
});
