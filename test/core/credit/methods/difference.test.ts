import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BatchMember } from "../../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../../src/core/credit/engine.ts";
import { textTurn } from "../../../../src/core/rollout/textTrajectory.ts";
import type { Turn } from "../../../../src/core/rollout/trajectory.ts";
import { member, turnOf } from "../trajectories.ts";

const extra = (turn: Turn, fields: Record<string, unknown>): Turn => ({
  ...turn,
  extra: new Map(Object.entries(fields)),
});

const tokensOf = (
  members: readonly BatchMember[],
  r: number,
  method: string,
  params: Record<string, unknown> = {},
): number[] => {
  const credit = makeBatch(members).credit(method, params).credit(r);
  if (credit.status !== "ok") throw new Error(credit.reason);
  return credit.turns.flatMap(({ tokens }) => [...(tokens ?? [])]);
};

const turnsOf = (
  members: readonly BatchMember[],
  r: number,
  method: string,
  params: Record<string, unknown> = {},
): (number | undefined)[] => {
  const credit = makeBatch(members).credit(method, params).credit(r);
  if (credit.status !== "ok") throw new Error(credit.reason);
  return credit.turns.map((turn) => turn.credit);
};

const close = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual.length).toBe(expected.length);
  actual.forEach((x, i) => {
    if (Number.isNaN(expected[i]!)) expect(x).toBeNaN();
    else expect(x).toBeCloseTo(expected[i]!, 9);
  });
};

describe("IGPO", () => {
  /** Two turns of two tokens with a tool between; gains 0.2 and outcome 1, or 0 and 0; a third rollout of one turn, 0.5. */
  const long = (gain: number, outcome: number): BatchMember =>
    member(
      "g",
      [
        turnOf("assistant", 2, { columns: { rewards: [0, gain] } }),
        turnOf("tool", 1),
        turnOf("assistant", 2, { columns: { rewards: [0, outcome] } }),
      ],
      { reward: outcome },
    );
  const short = member("g", [turnOf("assistant", 2, { columns: { rewards: [0, 0.5] } })], { reward: 0.5 });
  const group = [long(0.2, 1), long(0, 0), short];

  test("released: returns start anew before a tool; the mean at each position counts short rollouts as 0", () => {
    // Positions 0, 1: mean (0.2 + 0 + 0.5) / 3; positions 3, 4: (1 + 0 + 0) / 3.
    const early = 0.7 / 3;
    close(tokensOf(group, 0, "igpo"), [0.2 - early, 0.2 - early, NaN, 1 - 1 / 3, 1 - 1 / 3]);
    close(tokensOf(group, 2, "igpo"), [0.5 - early, 0.5 - early]);
  });

  test("holes passed by: the first turn sees the outcome too", () => {
    const early = (1.2 + 0 + 0.5) / 3;
    close(tokensOf(group, 0, "igpo", { holes: "carry" }).slice(0, 2), [1.2 - early, 1.2 - early]);
  });

  test("discounted: the group's return at the first position, in standard deviations", () => {
    // γ = ½; at the first position 0.1, 0 and 0.25.
    const mean = 0.35 / 3;
    const std = Math.sqrt(((0.1 - mean) ** 2 + mean ** 2 + (0.25 - mean) ** 2) / 2);
    const unit = std + 1e-6;
    close(
      tokensOf(group, 0, "igpo", { preset: "released:igpoDiscounted" }),
      [0.1, 0.2, NaN, 0.5, 1].map((x) => (x - mean) / unit),
    );
  });

  test("paper: rewards of all turns in standard deviations, then summed from each turn on", () => {
    // Rewards of the group's turns: 0.2, 1, 0, 0, 0.5.
    const mean = 1.7 / 5;
    const squares = [0.2, 1, 0, 0, 0.5].reduce((sum, x) => sum + (x - mean) ** 2, 0);
    const z = (x: number): number => (x - mean) / (Math.sqrt(squares / 4) + 1e-6);
    const credit = tokensOf(group, 0, "igpo", { preset: "paper" });
    close(credit, [z(0.2) + z(1), z(0.2) + z(1), NaN, z(1), z(1)]);
    const discounted = tokensOf(group, 0, "igpo", { preset: "paper", gamma: 0.5 });
    close(discounted.slice(0, 1), [z(0.2) + 0.5 * z(1)]);
  });

  test("gains from log-probabilities are differences of geometric means; the last turn has the outcome", () => {
    const searched = member(
      "g",
      [
        extra(turnOf("assistant", 2), { gt_log_probs: [Math.log(0.4), Math.log(0.9)] }),
        turnOf("tool", 1),
        extra(turnOf("assistant", 1), { gt_log_probs: [Math.log(0.3)] }),
        turnOf("assistant", 1),
      ],
      { reward: 1, extra: new Map([["gt_log_probs", [Math.log(0.1), Math.log(0.1)]]]) },
    );
    const run = makeBatch([searched]).credit("igpo", { gains: "likelihood" });
    close([...run.lane(0, "gain")], [0.6 - 0.1, 0.3 - 0.6, 1]);
    close([...run.lane(0, "reward")], [0, 0.5, 0, -0.3, 1]);
  });

  test("without the likelihoods it says so", () => {
    expect(makeBatch(group).credit("igpo", { gains: "likelihood" }).credit(0)).toMatchObject({
      status: "unavailable",
      missing: ["turn.gt_log_probs[]", "trajectory.gt_log_probs[]"],
    });
    expect(makeBatch([member("g", [textTurn("assistant", "A", -1)])]).missing(0, "igpo")).toEqual([
      "token.mask",
      "trajectory.reward",
    ]);
  });

  test("a gain that is not known leaves NaN, not 0", () => {
    const gap = member(
      "g",
      [extra(turnOf("assistant", 1), {}), extra(turnOf("assistant", 1), { gt_log_probs: [-1] })],
      {
        reward: 1,
        extra: new Map([["gt_log_probs", [-2]]]),
      },
    );
    const run = makeBatch([gap]).credit("igpo", { gains: "likelihood" });
    expect([...run.lane(0, "gain")]).toEqual([NaN, 1]);
    expect(run.credit(0)).toMatchObject({ flags: ["singleton", "non-finite"] });
  });

  test("credits of a group at a position sum to 0, and do not change with γ = 1 when all returns rise", () => {
    const rewards = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(rewards, { minLength: 2, maxLength: 5 }), (rows) => {
        const members = rows.map((row) =>
          member("g", [turnOf("assistant", 3, { columns: { rewards: row } })]),
        );
        const credits = members.map((_, r) => tokensOf(members, r, "igpo"));
        for (let t = 0; t < 3; t++) expect(credits.reduce((sum, one) => sum + one[t]!, 0)).toBeCloseTo(0, 9);
        const raised = rows.map((row) =>
          member("g", [turnOf("assistant", 3, { columns: { rewards: [row[0]!, row[1]!, row[2]! + 1] } })]),
        );
        raised.forEach((_, r) => close(tokensOf(raised, r, "igpo"), credits[r]!));
      }),
      { numRuns: 50 },
    );
  });
});

describe("IRCoCo", () => {
  const scored = (values: number[], mask?: number[]): BatchMember =>
    member("g", [turnOf("assistant", values.length, { columns: { values }, ...(mask ? { mask } : {}) })]);

  test("a token earns the change of the score to four decimals, the end token nothing", () => {
    close(tokensOf([scored([0.26667, 0.325, 0.44, 0.4])], 0, "ircoco"), [0.0583, 0.115, -0.04, 0]);
    close(tokensOf([scored([0.26667, 0.325])], 0, "ircoco", { preset: "paper" }), [0.325 - 0.26667, 0]);
  });

  test("of two texts of four decimals equally near, the even one: 1/32 = 0.03125, 3/32 = 0.09375", () => {
    const credit = tokensOf([scored([0, 1 / 32, 0, 3 / 32])], 0, "ircoco");
    close(credit, [0.0312, -0.0312, 0.0938, 0]);
  });

  test("the second released dataset has the score after the token, the last one twice", () => {
    const credit = tokensOf([scored([0.1, 0.25, 0.75])], 0, "ircoco", { form: "score" });
    close(credit, [0.25, 0.75, 0.75]);
  });

  test("masked tokens are passed by: the change is to the next trained token", () => {
    close(tokensOf([scored([0.1, 9, 0.4], [1, 0, 1])], 0, "ircoco"), [0.3, NaN, 0]);
  });

  test("unrounded changes telescope to the last score minus the first", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 }),
        (values) => {
          const credit = tokensOf([scored(values)], 0, "ircoco", { round: false });
          expect(credit.reduce((a, b) => a + b, 0)).toBeCloseTo(values.at(-1)! - values[0]!, 9);
        },
      ),
    );
  });

  test("takes a scorer's values, and says so", () => {
    const turn = turnOf("assistant", 2, { columns: { "value@tiny": [0.25, 0.5] } });
    expect(
      makeBatch([member("g", [turn])])
        .credit("ircoco", {})
        .credit(0),
    ).toMatchObject({
      status: "ok",
      flags: ["source:tiny"],
    });
    expect(makeBatch([member("g", [turnOf("assistant", 2)])]).missing(0, "ircoco")).toEqual(["token.values"]);
  });
});

describe("FLR", () => {
  const reply = (positive: number[], negative: number[]): Turn =>
    extra(textTurn("assistant", "A reply.", -1), {
      followup_positive: positive,
      followup_negative: negative,
    });
  const dialogue = [
    textTurn("user", "Q", -1),
    reply([-1, -2], [-3]),
    textTurn("user", "Why?", -1),
    reply([-1], [-2, -1]),
  ];

  test("a reply has the mean of the positive minus the mean of the negative follow-ups", () => {
    expect(turnsOf([member(null, dialogue)], 0, "flr")).toEqual([NaN, -1.5 + 3, NaN, -1 + 1.5]);
  });

  test("a difference needs the score before: the first reply has none unless the trajectory has it", () => {
    expect(turnsOf([member(null, dialogue)], 0, "flr", { form: "difference" })).toEqual([
      NaN,
      NaN,
      NaN,
      0.5 - 1.5,
    ]);
    const before = new Map([
      ["followup_positive", [-2]],
      ["followup_negative", [-2.5]],
    ]);
    expect(turnsOf([member(null, dialogue, { extra: before })], 0, "flr", { form: "difference" })).toEqual([
      NaN,
      1.5 - 0.5,
      NaN,
      0.5 - 1.5,
    ]);
  });

  test("says which likelihoods it lacks", () => {
    expect(makeBatch([member(null, [textTurn("assistant", "A", -1)])]).missing(0, "flr")).toEqual([
      "turn.followup_positive[]",
      "turn.followup_negative[]",
    ]);
  });
});

describe("T-REG", () => {
  const logged = (better: number[], worse: number[], columns: Record<string, number[]> = {}): BatchMember =>
    member(null, [
      turnOf("assistant", better.length, {
        columns: { better_logprobs: better, worse_logprobs: worse, ...columns },
      }),
    ]);

  test("log-ratios 0, 1, 2 give 0, 0.2311, 0.3808; as far below as above", () => {
    const credit = tokensOf([logged([-1, -1, -1, -2], [-1, -2, -3, -1])], 0, "tReg");
    expect(credit.map((x) => x.toFixed(4))).toEqual(["0.0000", "0.2311", "0.3808", "-0.2311"]);
  });

  test("stays within a half, and turns its sign when the prompts change places", () => {
    const logprobs = fc.array(fc.double({ min: -800, max: 0, noNaN: true }), { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(logprobs, logprobs, (better, worse) => {
        const there = tokensOf([logged(better, worse)], 0, "tReg");
        const back = tokensOf([logged(worse, better)], 0, "tReg");
        there.forEach((x, t) => {
          expect(Math.abs(x)).toBeLessThanOrEqual(0.5);
          expect(x + back[t]!).toBeCloseTo(0, 9);
        });
      }),
    );
  });

  test("compares with the implicit reward of DPO on request", () => {
    const columns = { logprobs: [-1, -1, -1], ref_logprobs: [-1, -2, -3] };
    const members = [logged([-1, -1, -1], [-1, -2, -3], columns)];
    const run = makeBatch(members).credit("tReg", { compare: true });
    close([...run.lane(0, "implicit")], [0, 0.1, 0.2]);
    expect(run.lane(0, "correlation")[0]).toBeGreaterThan(0.98);
    expect(
      makeBatch([logged([-1], [-1])])
        .credit("tReg", { compare: true })
        .credit(0),
    ).toMatchObject({
      missing: ["token.logprobs", "token.ref_logprobs"],
    });
  });
});
