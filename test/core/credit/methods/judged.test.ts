import { describe, expect, test } from "vitest";
import type { BatchMember } from "../../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../../src/core/credit/engine.ts";
import { textTurn } from "../../../../src/core/rollout/textTrajectory.ts";
import type { Turn } from "../../../../src/core/rollout/trajectory.ts";
import { member } from "../trajectories.ts";

interface Acted {
  readonly reward?: number;
  readonly state?: string;
  readonly fields: Record<string, unknown>;
}

const episode = (acts: readonly Acted[]): BatchMember =>
  member(
    null,
    acts.map(({ reward = NaN, state = null, fields }): Turn => ({
      ...textTurn("assistant", "north", -1),
      reward,
      state,
      extra: new Map(Object.entries(fields)),
    })),
  );

const creditOf = (one: BatchMember, method: string, params = {}): (number | undefined)[] => {
  const credit = makeBatch([one]).credit(method, params).credit(0);
  if (credit.status !== "ok") throw new Error(credit.reason);
  return credit.turns.map((turn) => turn.credit);
};

describe("CALM", () => {
  const judged = episode([
    { reward: 0, fields: { subgoal: true } },
    { reward: 0, fields: { subgoal: 0 } },
    { reward: 1, fields: { subgoal: 1 } },
    { reward: 0, fields: {} },
  ]);

  test("adds a bonus where a subgoal was reached; a turn that was not judged has no credit", () => {
    expect(creditOf(judged, "calm", { bonus: 0.5 })).toEqual([0.5, 0, 1.5, NaN]);
    expect(creditOf(judged, "calm", { withReward: false })).toEqual([1, 0, 1, NaN]);
  });

  test("the bonus alone needs no reward; nothing works without judgements", () => {
    const unpaid = episode([{ fields: { subgoal: 1 } }]);
    expect(makeBatch([unpaid]).missing(0, "calm")).toEqual(["turn.reward"]);
    expect(creditOf(unpaid, "calm", { withReward: false })).toEqual([1]);
    expect(makeBatch([episode([{ reward: 1, fields: {} }])]).missing(0, "calm")).toEqual(["turn.subgoal"]);
  });
});

describe("ONI", () => {
  const messages = episode([
    { reward: 0, state: "door", fields: { llm_reward: 1, message_count: 1 } },
    { reward: 0.5, state: "door", fields: { llm_reward: 1, message_count: 2 } },
    { reward: 0, state: "gold", fields: { llm_reward: 0.5, message_count: 1 } },
    { reward: 0, state: "door", fields: { llm_reward: 1, message_count: 4 } },
  ]);

  test("divides the score by the count to the power β", () => {
    expect(creditOf(messages, "oni")).toEqual([1, 0.5 + 1 / 2, 0.5, 1 / 4]);
    expect(creditOf(messages, "oni", { beta: 0.5, llmWeight: 2, extWeight: 3 })).toEqual([
      2,
      1.5 + 2 / Math.SQRT2,
      1,
      1,
    ]);
    expect(creditOf(messages, "oni", { count: "none" })).toEqual([1, 1.5, 0.5, 1]);
  });

  test("counts the states of the rollout so far where the log has no counts", () => {
    expect(creditOf(messages, "oni", { count: "state" })).toEqual([1, 0.5 + 1 / 2, 0.5, 1 / 3]);
  });

  test("the offline branch standardises first and sets low scores to 0", () => {
    const params = { count: "none", standardize: true, mean: 0.5, std: 0.5, threshold: 0.1 };
    expect(creditOf(messages, "oni", params)).toEqual([1, 1.5, 0, 1]);
  });

  test("says what it lacks", () => {
    expect(makeBatch([episode([{ reward: 1, fields: {} }])]).missing(0, "oni")).toEqual([
      "turn.llm_reward",
      "turn.message_count",
    ]);
  });
});

describe("SRUM", () => {
  const scored = (rewards: Record<string, number>): BatchMember =>
    member(null, [textTurn("assistant", "A picture.", -1)], { rewards: new Map(Object.entries(rewards)) });
  const credit = (params: Record<string, unknown>): unknown =>
    makeBatch([scored({ global: 0.8, regional: 0.5 })])
      .credit("srum", params)
      .credit(0);

  test("product of the two scores, or their weighted sum", () => {
    expect(credit({})).toMatchObject({ credit: 0.4 });
    expect(credit({ preset: "weighted", omega: 0.25 })).toMatchObject({ credit: 0.2 + 0.375 });
  });

  test("needs both", () => {
    expect(makeBatch([scored({ global: 0.8 })]).missing(0, "srum")).toEqual(["trajectory.rewards.regional"]);
  });
});
