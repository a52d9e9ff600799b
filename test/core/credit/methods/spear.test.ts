import { describe, expect, test } from "vitest";
import type { BatchMember } from "../../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../../src/core/credit/engine.ts";
import { cosineFall, cosineRise, toolCallReward } from "../../../../src/core/credit/primitives/replay.ts";
import { textTurn } from "../../../../src/core/rollout/textTrajectory.ts";
import { member } from "../trajectories.ts";

function rollout(reward: number, extra: Record<string, unknown> = {}): BatchMember {
  return member(
    "g",
    [textTurn("assistant", "look", -1), textTurn("tool", "a door", 0), textTurn("assistant", "open", 1)],
    {
      reward,
      trainStep: 50,
      extra: new Map(Object.entries(extra)),
    },
  );
}

const replayed = (reward: number, extra: Record<string, unknown> = {}): BatchMember =>
  rollout(reward, { replayed: true, replay_age: 3, history_mean: 0.4, history_std: 0.25, ...extra });

function creditOf(members: readonly BatchMember[], r: number, params: Record<string, unknown> = {}): number {
  return makeBatch(members).credit("spear", params).lane(r, "credit")[0]!;
}

describe("SPEAR", () => {
  test("the policy's own rollouts are compared with each other alone", () => {
    const members = [rollout(1), rollout(0), replayed(1)];
    expect([creditOf(members, 0), creditOf(members, 1)]).toEqual([0.5, -0.5]);
    expect(creditOf(members, 0, { normalizeByStd: true })).toBeCloseTo(0.5 / (Math.sqrt(0.5) + 1e-6), 12);
  });

  test("a replayed one is compared with past steps, and its loss is let in along a cosine", () => {
    // Step 50 of 100: half of the weight.
    expect(creditOf([replayed(1)], 0)).toBeCloseTo(0.5 * (1 - 0.4), 12);
    expect(creditOf([replayed(1)], 0, { normalizeByStd: true })).toBeCloseTo((0.5 * 0.6) / (0.25 + 1e-6), 12);
    expect(
      makeBatch([replayed(1)])
        .credit("spear", {})
        .credit(0),
    ).toMatchObject({ flags: ["singleton", "replayed"] });
  });

  test("one that has become worse than the past, or too old, is dropped", () => {
    const run = makeBatch([replayed(0.3), replayed(1, { replay_age: 11 })]).credit("spear", {});
    expect([0, 1].map((r) => [run.lane(r, "kept")[0], Math.abs(run.lane(r, "credit")[0]!)])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(run.lane(1, "advantage")[0]).toBeCloseTo(0.6, 12);
  });

  test("or its old advantage decays; one that is not logged is missing, not 0", () => {
    expect(creditOf([replayed(1, { old_advantage: 2 })], 0, { replay: "decay" })).toBeCloseTo(
      0.5 * 0.9 * 2,
      12,
    );
    expect(creditOf([replayed(1)], 0, { replay: "decay" })).toBeNaN();
    expect(creditOf([rollout(1, { replayed: true })], 0)).toBeNaN();
  });

  test("the tool reward is 0.1 a turn, fades out, and is added only where it is asked for", () => {
    const lane = (params: Record<string, unknown>, name: string): number =>
      makeBatch([rollout(1)])
        .credit("spear", params)
        .lane(0, name)[0]!;
    expect(lane({ toolSteps: 100 }, "toolReward")).toBeCloseTo(0.2 / 2, 12);
    expect(lane({}, "reward")).toBe(1);
    expect(lane({ toolReward: "constant" }, "reward")).toBeCloseTo(1.2, 12);
    expect(lane({ toolReward: "cosine", toolSteps: 100 }, "reward")).toBeCloseTo(1.1, 12);
  });

  test("schedules begin and end where they should", () => {
    expect([cosineRise(0, 10), cosineRise(10, 10), cosineRise(11, 10)]).toEqual([0, 1, 1]);
    expect([cosineFall(0, 10), cosineFall(10, 10), cosineFall(11, 10)]).toEqual([1, 0, 0]);
    expect([toolCallReward(3), toolCallReward(30)]).toEqual([expect.closeTo(0.3, 12), 1]);
    expect(cosineRise(NaN, 10)).toBeNaN();
  });

  test("needs a reward", () => {
    expect(makeBatch([rollout(NaN)]).missing(0, "spear")).toEqual(["trajectory.reward"]);
  });
});
