import { expect, test } from "vitest";
import type { BatchMember } from "../../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../../src/core/credit/engine.ts";
import { keepInside, standardize } from "../../../../src/core/credit/primitives/outlierFilter.ts";
import { member, turnOf } from "../trajectories.ts";

function logged(advantages: number[], fields: Parameters<typeof member>[2] = {}): BatchMember {
  return member("g", [turnOf("assistant", advantages.length, { columns: { advantages } })], fields);
}

/** Mean 4, variance 50/17: the standardised outliers are ±2.9155, within 3 of 0 but not all within 3 of 4. */
const skewed = logged([...Array.from({ length: 15 }, () => 4), 9, -1]);

test("released: the bounds lie around the raw mean, so that only what is above 1 stays here", () => {
  const run = makeBatch([skewed]).credit("stableReinforce", { base: "logged" });
  const credit = [...run.lane(0, "credit")];
  expect(credit.slice(0, 15).every((x) => x === 0)).toBe(true);
  expect(credit[15]).toBeCloseTo(5 / Math.sqrt(50 / 17), 7);
  expect(credit[16]).toBe(0);
  expect([run.lane(0, "mean")[0], run.lane(0, "filtered")[0]]).toEqual([4, 16 / 17]);
});

test("paper: what lies within three deviations of the mean stays", () => {
  const run = makeBatch([skewed]).credit("stableReinforce", { preset: "paper", base: "logged" });
  expect([run.lane(0, "filtered")[0], run.lane(0, "credit")[16]]).toEqual([
    0,
    expect.closeTo(-5 / Math.sqrt(50 / 17), 12),
  ]);
});

test("without logged advantages the returns of REINFORCE are filtered, less KL where it is weighed", () => {
  const rollout = (reward: number): BatchMember =>
    member("g", [turnOf("assistant", 2, { columns: { kl: [0, 1] } })], { reward });
  const batch = makeBatch([rollout(1), rollout(0)]);
  expect([...batch.credit("stableReinforce", {}).lane(0, "advantage")]).toEqual([1, 1]);
  expect([...batch.credit("stableReinforce", { beta: 0.5 }).lane(1, "advantage")]).toEqual([-0.5, -0.5]);
});

test("a missing advantage stays missing and rules no other", () => {
  const credit = makeBatch([logged([1, NaN, 3])]).credit("stableReinforce", {
    preset: "paper",
    base: "logged",
  });
  expect(credit.credit(0)).toMatchObject({
    turns: [{ tokens: new Float64Array([-1, NaN, 1]) }],
    flags: ["non-finite"],
  });
});

test("released: without a trained token there are no moments, and nothing stays", () => {
  const nothing = new Float64Array(2);
  const bounds = { bounds: "shifted", width: 3, extreme: 10, offset: 1e-8, nonFinite: "zero" } as const;
  // Σ over masked tokens too, 3, over 0 trained ones.
  expect(standardize(Float64Array.of(1, 2), new Uint8Array(2), bounds, nothing)).toEqual({
    mean: Infinity,
    rstd: NaN,
  });
  keepInside(nothing, Infinity, bounds, nothing);
  expect([...nothing]).toEqual([0, 0]);
});

test("Pre-CLIP shows where the ratio is bounded", () => {
  const columns = { advantages: [1, 2], logprobs: [-0.1, -1], old_logprobs: [-20, -1] };
  const run = makeBatch([member("g", [turnOf("assistant", 2, { columns })])]).credit("stableReinforce", {
    base: "logged",
    ratio: true,
  });
  expect([...run.lane(0, "ratio")]).toEqual([expect.closeTo(1e3, 6), 1]);
  expect([...run.lane(0, "preClipped")]).toEqual([1, 0]);
});

test("the composed reward is result · (1 + ½ · consistency) + ½ · format; none where a component is missing", () => {
  const rewards = new Map([
    ["result", 1],
    ["consistency", 0.5],
    ["format", 1],
  ]);
  const composed = (members: BatchMember[]): number =>
    makeBatch(members).credit("stableReinforce", { base: "logged" }).lane(0, "composed")[0]!;
  expect(composed([logged([1, 2], { rewards })])).toBe(1.25 + 0.5);
  expect(composed([logged([1, 2])])).toBeNaN();
});

test("what is missing is said", () => {
  const bare = makeBatch([member("g", [turnOf("assistant", 1)])]);
  expect(bare.missing(0, "stableReinforce")).toEqual(["trajectory.reward"]);
  expect(bare.credit("stableReinforce", { base: "logged" }).credit(0)).toMatchObject({
    missing: ["token.advantages"],
  });
});
