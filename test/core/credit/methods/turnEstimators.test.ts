import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BatchCredit, BatchMember } from "../../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../../src/core/credit/engine.ts";
import { methodOf } from "../../../../src/core/credit/registry.ts";
import { textTurn } from "../../../../src/core/rollout/textTrajectory.ts";
import type { Turn } from "../../../../src/core/rollout/trajectory.ts";
import { batchesFor } from "../signals.ts";
import { member, turnOf } from "../trajectories.ts";

/** A text turn of the policy in a state, with the environment's answer and reward. */
function acted(state: string | null, reward: number, extra: Record<string, unknown> = {}): Turn {
  return { ...textTurn("assistant", "act", -1), state, reward, extra: new Map(Object.entries(extra)) };
}

function lanes(run: BatchCredit, n: number, name: string): number[][] {
  return Array.from({ length: n }, (_, r) => [...run.lane(r, name)]);
}

describe("GiGPO", () => {
  const won = member("task", [acted("hall", 0), acted("kitchen", 1)], { reward: 1 });
  const lost = member("task", [acted("hall", 0), acted("hall", 0), acted("garden", 0)], { reward: 0 });
  const other = member("task 2", [acted("hall", 0.5)], { reward: 0.5 });
  const members = [won, lost, other];
  const run = (params: Record<string, unknown> = {}): BatchCredit =>
    makeBatch(members).credit("gigpo", { gamma: 0.5, ...params });

  test("by hand: episodes weigh as many times as they have turns, states are compared within the task", () => {
    // Returns: won 0 + 0.5 · 1 and 1, lost all 0. Task: 2 turns of reward 1, 3 of 0: mean 0.4.
    // Hall: 0.5, 0, 0: mean 1/6. Kitchen and garden stand alone.
    const one = run();
    expect(lanes(one, 3, "returns")).toEqual([[0.5, 1], [0, 0, 0], [0.5]]);
    expect(lanes(one, 3, "episode")).toEqual([[1 - 0.4], [0 - 0.4], [0.5]]);
    expect(lanes(one, 3, "stateSize")).toEqual([[3, 1], [3, 3, 1], [1]]);
    expect(lanes(one, 3, "stateGroup")).toEqual([[0, 1], [0, 0, 2], [3]]);
    const [first, second] = lanes(one, 3, "credit");
    expect(first![0]).toBeCloseTo(0.6 + (0.5 - 1 / 6), 12);
    expect(first![1]).toBe(0.6);
    expect(second![0]).toBeCloseTo(-0.4 - 1 / 6, 12);
    expect(second![2]).toBe(-0.4);
    expect([...one.lane(0, "loneStates")]).toEqual([3 / 6]);
    expect(one.credit(0)).toMatchObject({ level: "turn", flags: [] });
  });

  test("each trajectory may count once, and both parts be divided by their deviations", () => {
    expect(lanes(run({ unit: "trajectory" }), 2, "episode")).toEqual([[0.5], [-0.5]]);
    const one = run({ normalizeByStd: true });
    // Rewards 1, 1, 0, 0, 0: squares 2 · 0.36 + 3 · 0.16 = 1.2, over 4. Hall: 1/9 + 2/36 = 1/6, over 2.
    const episode = 0.6 / (Math.sqrt(1.2 / 4) + 1e-6);
    const state = (0.5 - 1 / 6) / (Math.sqrt(1 / 12) + 1e-6);
    expect(one.lane(0, "credit")[0]).toBeCloseTo(episode + state, 9);
    expect(one.lane(0, "credit")[1]).toBeCloseTo(episode, 9);
  });

  test("a task with one turn keeps its raw score in the release; 0 or none on request", () => {
    const raw = run().credit(2);
    expect(raw).toMatchObject({ flags: ["singleton"], turns: [{ credit: 0.5 }] });
    expect([...run({ singleton: "zero" }).lane(2, "credit")]).toEqual([0]);
    expect([...run({ singleton: "nan", normalizeByStd: true }).lane(2, "credit")]).toEqual([NaN]);
  });

  test("states that are alike are put together in the order of the log, when asked for", () => {
    const tables = ["You see a fridge and table 1.", "You see a fridge and table 2.", "You see nothing."];
    const batch = makeBatch(tables.map((state) => member("t", [acted(state, 1)], { reward: 1 })));
    const groups = (params: Record<string, unknown>): number[] =>
      lanes(batch.credit("gigpo", params), 3, "stateGroup").flat();
    expect(groups({})).toEqual([0, 1, 2]);
    expect(groups({ similarity: 0.95 })).toEqual([0, 0, 1]);
    expect(groups({ similarity: 0.1 })).toEqual([0, 0, 0]);
  });

  test("a turn without a state has no credit; a log without states says what is missing", () => {
    const members2 = [member("t", [acted("s", 0), acted(null, 1)], { reward: 1 }), won];
    const credit = makeBatch(members2).credit("gigpo", {}).credit(0);
    expect(credit).toMatchObject({ turns: [{}, { credit: NaN }], flags: ["singleton", "non-finite"] });
    const none = makeBatch([member("t", [acted(null, 1)])])
      .credit("gigpo", {})
      .credit(0);
    expect(none).toMatchObject({ status: "unavailable", missing: ["trajectory.reward", "turn.state"] });
    const logged = makeBatch([won]).credit("gigpo", { returns: "logged" }).credit(0);
    expect(logged).toMatchObject({ status: "unavailable", missing: ["turn.step_rewards"] });
  });

  test("the state parts of a state sum to 0, and the turns' episode parts of a task do", () => {
    fc.assert(
      fc.property(batchesFor(methodOf("gigpo")!, "released:verlAgent"), (batch) => {
        const of = makeBatch(batch).credit("gigpo", {});
        const sums = new Map<string, number>();
        const add = (key: string, x: number): void => void sums.set(key, (sums.get(key) ?? 0) + x);
        const turns = new Map<string, number>();
        batch.forEach(({ groupKey }, r) => {
          const n = of.lane(r, "credit").length;
          turns.set(`task ${groupKey}`, (turns.get(`task ${groupKey}`) ?? 0) + n);
          add(`task ${groupKey}`, n * of.lane(r, "episode")[0]!);
          of.lane(r, "state").forEach((x, k) => add(`state ${of.lane(r, "stateGroup")[k]}`, x));
        });
        for (const [key, sum] of sums) if (turns.get(key) !== 1) expect(sum).toBeCloseTo(0, 9);
      }),
    );
  });
});

describe("SPA-RL", () => {
  const say = (text: string): Turn => textTurn("user", text, -1);
  const act = (extra: Record<string, unknown> = {}): Turn => acted(null, NaN, extra);
  const failing = member(
    "task",
    [say("Go."), act({ progress: 0.25 }), say("Nothing happens."), act({ progress: 0.5 })],
    { reward: 1 },
  );
  const rest = [0, 0.5].map((reward) => member("task", [say("Go."), act({ progress: 0 })], { reward }));

  test("the released script gives every turn R − mean of the others, and 0.5 unless nothing happened", () => {
    const run = makeBatch([failing, ...rest]).credit("spaRl", {});
    // Others of the first: (0 + 0.5) / 2; of the second (1 + 0.5) / 2; of the third (1 + 0) / 2.
    expect(lanes(run, 3, "credit")).toEqual([[0.75 + 0, 0.75 + 0.5], [-0.75 + 0.5], [0 + 0.5]]);
    const alone = makeBatch([failing]).credit("spaRl", {});
    expect([...alone.lane(0, "credit")]).toEqual([1, 1.5]);
    expect(alone.credit(0)).toMatchObject({ flags: ["singleton"] });
    const absolute = makeBatch([failing, ...rest]).credit("spaRl", { baseline: "none" });
    expect(lanes(absolute, 3, "credit")).toEqual([[1, 1.5], [0.5], [1]]);
  });

  test("the paper's form reads the estimator and says how far its sum is from the reward", () => {
    const members = [failing, ...rest];
    const run = makeBatch(members).credit("spaRl", { preset: "paper" });
    expect(lanes(run, 3, "credit")).toEqual([[0.25 + 0, 0.5 + 0.5], [0.5], [0.5]]);
    expect(lanes(run, 3, "surplus")).toEqual([[0.75 - 1], [0], [-0.5]]);
    expect(run.lane(0, "error")[0]).toBeCloseTo((0.0625 + 0 + 0.25) / 3, 12);
    const weighted = makeBatch(members).credit("spaRl", { preset: "paper", alpha: 2, beta: 0 });
    expect([...weighted.lane(0, "credit")]).toEqual([0.5, 1]);
  });

  test("the last turn's answer counts in the paper's form only; groundings may be logged", () => {
    const ends = member("task", [act({ progress: 1, grounding: 0 }), say("Nothing happens")], { reward: 1 });
    const run = (params: Record<string, unknown>): number =>
      makeBatch([ends]).credit("spaRl", params).lane(0, "credit")[0]!;
    expect([run({}), run({ preset: "paper" })]).toEqual([1.5, 1]);
    expect(run({ preset: "paper", failure: "no such words" })).toBe(1.5);
    expect(run({ preset: "paper", failure: "no such words", grounding: "logged" })).toBe(1);
  });

  test("scores may stand at tokens: the last trained one of each turn is read, past holes", () => {
    const scored = (n: number, mask: number[], progress: number[]): Turn =>
      turnOf("assistant", n, { mask, columns: { progress } });
    const members = [
      member("g", [scored(3, [1, 1, 0], [0.1, 0.2, 0.9]), turnOf("tool", 2), scored(2, [1, 1], [0.3, 0.4])], {
        reward: 0.5,
      }),
    ];
    const run = makeBatch(members).credit("spaRl", { preset: "paper", read: "token", beta: 0 });
    expect([...run.lane(0, "progress")]).toEqual([0.2, 0.4]);
    expect(run.lane(0, "prediction")[0]).toBeCloseTo(0.6, 12);
  });

  test("says what is missing, and a turn without a score has none", () => {
    const bare = member("g", [act(), say("ok"), act({ progress: 1 })], { reward: 1 });
    expect(makeBatch([bare]).credit("spaRl", { preset: "paper" }).credit(0)).toMatchObject({
      turns: [{ credit: NaN }, {}, { credit: 1.5 }],
      flags: ["non-finite"],
    });
    const noReward = makeBatch([member("g", [act()])])
      .credit("spaRl", {})
      .credit(0);
    expect(noReward).toMatchObject({ status: "unavailable", missing: ["trajectory.reward"] });
    const noScore = makeBatch(
      rest.map(({ trajectory }) => member("g", [act()], { reward: trajectory.reward })),
    )
      .credit("spaRl", { preset: "paper" })
      .credit(0);
    expect(noScore).toMatchObject({ status: "unavailable", missing: ["turn.progress"] });
  });
});

describe("ArCHer", () => {
  const critic = (q1: number, q2: number, v1: number, v2: number, reward = NaN): Turn =>
    acted(null, reward, { q1, q2, v1, v2 });
  const members: readonly BatchMember[] = [
    member("g", [critic(0.5, 0.7, 0.4, 0.2, 0), critic(0.9, 0.8, 0.6, 0.7, 1)], { reward: 1 }),
  ];

  test("an utterance's advantage is min Q − min V, with one head Q − V", () => {
    const of = (params: Record<string, unknown>): number[] => [
      ...makeBatch(members).credit("archer", params).lane(0, "credit"),
    ];
    expect(of({})).toEqual([0.5 - 0.2, 0.8 - 0.6]);
    expect(of({ heads: "one" })).toEqual([0.5 - 0.4, 0.9 - 0.6]);
  });

  test("targets of the Q heads: r + γV of the next turn, the last turn's reward alone", () => {
    const run = makeBatch(members).credit("archer", { targets: true });
    expect([...run.lane(0, "target1")]).toEqual([0 + 0.95 * 0.6, 1]);
    expect([...run.lane(0, "target2")]).toEqual([0 + 0.95 * 0.7, 1]);
    expect(run.lane(0, "error1")[1]).toBeCloseTo(0.9 - 1, 12);
    const plain = makeBatch(members).credit("archer", { preset: "released:archerClass", targets: true });
    expect(plain.lane(0, "target1")[0]).toBe(0.9 * 0.6);
  });

  test("what token values leave of it", () => {
    const valued = turnOf("assistant", 3, { mask: [1, 0, 1], columns: { values: [0.1, 9, 0.25] } });
    const turn = { ...valued, extra: critic(0.5, 0.7, 0.4, 0.2).extra };
    const run = makeBatch([member("g", [turn])]).credit("archer", { baseline: "token" });
    expect([...run.lane(0, "residual")]).toEqual([0.3 - 0.1, NaN, 0.3 - 0.25]);
  });

  test("a log without the second head says so", () => {
    const one = member("g", [acted(null, 0, { q1: 1, v1: 0 })]);
    expect(makeBatch([one]).credit("archer", {}).credit(0)).toMatchObject({
      status: "unavailable",
      missing: ["turn.q2", "turn.v2"],
    });
  });
});

describe("rewards of turns", () => {
  // The tool's answer is rewarded, its tokens are not trained on; the second turn ends with a masked token.
  const values = (n: number): { columns: Record<string, number[]> } => ({
    columns: { values: Array.from({ length: n }, () => 0) },
  });
  const members = [
    member(
      "g",
      [
        turnOf("user", 1),
        turnOf("assistant", 2, values(2)),
        { ...turnOf("tool", 2), reward: 0.25 },
        { ...turnOf("assistant", 3, { mask: [1, 1, 0], ...values(3) }), reward: 0.5 },
      ],
      { reward: 1 },
    ),
  ];

  test("stand at the last trained token before them, for every method of returns; the outcome is added at the last", () => {
    for (const method of ["gae", "reinforcePlusPlus"])
      expect([...makeBatch(members).credit(method, {}).lane(0, "reward")]).toEqual([
        0,
        0.25,
        0,
        0,
        0,
        0.5 + 1,
        0,
      ]);
    const returns = makeBatch(members).credit("reinforcePlusPlus", { gamma: 0.5 });
    // Masked positions are passed by: 1.5, 0.75, 0.25 + 0.375, half of it.
    expect([...returns.lane(0, "returns")]).toEqual([0.3125, 0.625, 0, 0, 0.75, 1.5, 0]);
  });

  test("are the same to methods of turns", () => {
    const run = makeBatch(
      members.map(({ trajectory, groupKey }) => ({
        trajectory: { ...trajectory, turns: trajectory.turns.map((turn) => ({ ...turn, state: "s" })) },
        groupKey,
      })),
    ).credit("gigpo", { gamma: 0 });
    expect([...run.lane(0, "returns")]).toEqual([0.25, 1.5]);
  });
});
