import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BatchMember } from "../../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../../src/core/credit/engine.ts";
import { textTurn } from "../../../../src/core/rollout/textTrajectory.ts";
import type { Trajectory, Turn } from "../../../../src/core/rollout/trajectory.ts";
import { member, turnOf } from "../trajectories.ts";

/** A dialogue of the policy's turns, each answered, with a field a turn. */
function dialogue(
  reward: number,
  fields: readonly Record<string, unknown>[],
  more: Partial<Trajectory> = {},
): BatchMember {
  const turns = fields.flatMap((one): Turn[] => [
    { ...textTurn("assistant", "Said.", -1), extra: new Map(Object.entries(one)) },
    textTurn("user", "Heard.", -1),
  ]);
  return member(null, turns, { reward, ...more });
}

function turnsOf(members: readonly BatchMember[], r: number, method: string, params = {}): number[] {
  const credit = makeBatch(members).credit(method, params).credit(r);
  if (credit.status !== "ok") throw new Error(credit.reason);
  return credit.turns.filter((_, i) => i % 2 === 0).map((turn) => turn.credit!);
}

const stepsOf = (members: readonly BatchMember[], method: string, params = {}): number[] => {
  const credit = makeBatch(members).credit(method, params).credit(0);
  if (credit.status !== "ok") throw new Error(credit.reason);
  return credit.turns.flatMap(({ steps }) => [...(steps ?? [])]).filter((x) => !Number.isNaN(x));
};

const sum = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0);

describe("return decomposition", () => {
  const proxies = (reward: number, values: number[], draws?: number[]): BatchMember =>
    dialogue(
      reward,
      values.map((proxy_reward, k) => ({ proxy_reward, ...(draws ? { draws: draws[k] } : {}) })),
    );

  test("RD by hand: squared difference of mean proxy reward and return over length, averaged", () => {
    // (0.6 / 3 − 1 / 3)² and (0.5 − 1)².
    const run = makeBatch([proxies(1, [0.1, 0.2, 0.3]), proxies(2, [0.5, 0.5])]).credit("rrd", {});
    expect(run.lane(0, "loss")[0]).toBeCloseTo(((0.2 - 1 / 3) ** 2 + 0.25) / 2, 12);
    expect([...run.lane(0, "residual"), ...run.lane(1, "gap")].map((x) => x.toFixed(6))).toEqual([
      "-0.133333",
      "1.000000",
    ]);
    expect(turnsOf([proxies(1, [0.1, 0.2, 0.3])], 0, "rrd")).toEqual([0.1, 0.2, 0.3]);
  });

  test("RRD reads the drawn turns; a turn drawn twice counts twice", () => {
    // Drawn 0.1, 0.1, 0.4: mean 0.2, variance (0.01 + 0.01 + 0.04) / 2.
    const members = [proxies(2, [0.1, 9, 0.4, 9], [2, 0, 1, 0])];
    const plain = makeBatch(members).credit("rrd", { preset: "released:rrd" }).lane(0, "loss")[0]!;
    expect(plain).toBeCloseTo((0.2 - 0.5) ** 2, 12);
    const unbiased = makeBatch(members).credit("rrd", { preset: "released:rrdUnbiased" }).lane(0, "loss")[0]!;
    expect(unbiased).toBeCloseTo(0.09 - ((1 - 3 / 4) * 0.03) / 3, 12);
  });

  test("all turns drawn once is RD", () => {
    const numbers = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(numbers, fc.double({ min: -1, max: 1, noNaN: true }), (values, reward) => {
        const members = [
          proxies(
            reward,
            values,
            values.map(() => 1),
          ),
        ];
        const loss = (preset: string): number =>
          makeBatch(members).credit("rrd", { preset }).lane(0, "loss")[0]!;
        expect(loss("released:rrdUnbiased")).toBeCloseTo(loss("released:rd"), 12);
      }),
    );
  });

  test("exact credits sum to the return", () => {
    expect(sum(turnsOf([proxies(1, [0.1, 0.2, 0.3])], 0, "rrd", { exact: true }))).toBeCloseTo(1, 12);
  });

  test("a missing proxy reward is no 0, and missing draws are named", () => {
    const gap = dialogue(1, [{ proxy_reward: 0.5 }, {}]);
    expect(turnsOf([gap], 0, "rrd")).toEqual([0.5, NaN]);
    expect(makeBatch([gap]).credit("rrd", {}).lane(0, "loss")[0]).toBeNaN();
    expect(makeBatch([gap]).credit("rrd", { sampled: true }).credit(0)).toMatchObject({
      missing: ["turn.draws"],
    });
    expect(makeBatch([dialogue(1, [{}])]).missing(0, "rrd")).toEqual(["turn.proxy_reward"]);
  });
});

describe("Sotopia-RL", () => {
  const attributed = (score: number, attributions: number[], more: Partial<Trajectory> = {}): BatchMember =>
    dialogue(
      score,
      attributions.map((attribution) => ({ attribution })),
      more,
    );

  test("direct: attribution over 3 times the score; −1 is −1, whatever the score", () => {
    expect(turnsOf([attributed(6, [3, 1, 0, -1])], 0, "sotopiaRl")).toEqual([6, 2, 0, -1]);
    expect(turnsOf([attributed(6, [10, 5])], 0, "sotopiaRl", { scale: 10 })).toEqual([6, 3]);
  });

  test("normalized: shares of the score; attributions that sum to 0 give 0, or nothing", () => {
    expect(turnsOf([attributed(8, [3, 0, 1])], 0, "sotopiaRl", { form: "normalized" })).toEqual([6, 0, 2]);
    expect(turnsOf([attributed(8, [0, 0])], 0, "sotopiaRl", { form: "normalized" })).toEqual([0, 0]);
    const none = turnsOf([attributed(8, [0, 0])], 0, "sotopiaRl", {
      preset: "released:utteranceQualityNormalized",
    });
    expect(none).toEqual([NaN, NaN]);
  });

  test("discounted and all the same need no attribution", () => {
    const plain = [dialogue(10, [{}, {}, {}])];
    const discounted = turnsOf(plain, 0, "sotopiaRl", { preset: "released:discounted" });
    expect(discounted.map((x) => x.toFixed(9))).toEqual(["8.100000000", "9.000000000", "10.000000000"]);
    expect(turnsOf(plain, 0, "sotopiaRl", { preset: "released:allTheSame" })).toEqual([10, 10, 10]);
    expect(makeBatch(plain).missing(0, "sotopiaRl")).toEqual(["turn.attribution"]);
  });

  test("several dimensions: each scaled over the batch, then averaged", () => {
    const of = (goal: number, relationship: number, knowledge: number): BatchMember =>
      dialogue(
        goal,
        [3, 0].map((a) => ({ attribution: a, attribution_relationship: a, attribution_knowledge: 3 })),
        {
          rewards: new Map(Object.entries({ relationship, knowledge })),
        },
      );
    // Goal 6, 0, 3, 0; relationship 2, 0, −2, 0; knowledge 4, 4, 4, 4, which tells nothing: 0.
    const members = [of(6, 2, 4), of(3, -2, 4)];
    const credit = (r: number): number[] => turnsOf(members, r, "sotopiaRl", { preset: "paper" });
    expect(credit(0)).toEqual([(1 + 1 + 0) / 3, (0 + 0.5 + 0) / 3]);
    expect(credit(1)).toEqual([(0.5 + 0 + 0) / 3, (0 + 0.5 + 0) / 3]);
    expect(
      makeBatch([attributed(1, [1])])
        .credit("sotopiaRl", { preset: "paper" })
        .credit(0),
    ).toMatchObject({
      missing: [
        "trajectory.rewards.relationship",
        "trajectory.rewards.knowledge",
        "turn.attribution_relationship",
        "turn.attribution_knowledge",
      ],
    });
  });

  test("normalized rewards sum to the score", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 6 }), (attributions) => {
        fc.pre(attributions.some((a) => a > 0));
        const credit = turnsOf([attributed(7, attributions)], 0, "sotopiaRl", { form: "normalized" });
        expect(sum(credit)).toBeCloseTo(7, 9);
      }),
    );
  });
});

describe("ReviBranch", () => {
  const branched = dialogue(-12, [
    { importance: 1, subtree_size: 9 },
    { importance: 3, subtree_size: 3 },
  ]);

  test("spreads the return by importance, or by the size of the subtree", () => {
    expect(turnsOf([branched], 0, "reviBranch")).toEqual([-3, -9]);
    expect(turnsOf([branched], 0, "reviBranch", { preset: "subtree" })).toEqual([-9, -3]);
  });

  test("importances that sum to 0 give no credit, missing ones are named", () => {
    expect(turnsOf([dialogue(1, [{ importance: 0 }])], 0, "reviBranch")).toEqual([NaN]);
    expect(makeBatch([branched]).credit("reviBranch", { preset: "bound" }).credit(0)).toMatchObject({
      missing: ["turn.bound_improvement"],
    });
  });
});

describe("reference redistributions", () => {
  const told = member(
    null,
    [
      textTurn("assistant", "One.\n\nTwo.", -1),
      textTurn("user", "And?", 0),
      textTurn("assistant", "Three.", 1),
    ],
    { reward: 3 },
  );
  const counted = member(
    null,
    [
      turnOf("assistant", 4, {
        steps: [
          [0, 1, 0],
          [1, 4, 0],
        ],
        mask: [1, 1, 0, 1],
      }),
      turnOf("assistant", 1, { steps: [[0, 1, 0]] }),
    ],
    { reward: 8 },
  );

  test("uniform: R / n over the steps, or over the turns", () => {
    expect(stepsOf([told], "uniform")).toEqual([1, 1, 1]);
    expect(stepsOf([told], "uniform", { unit: "turn" })).toEqual([1.5, 1.5, 1.5]);
  });

  test("recency: R·γ^(n − 1 − k)", () => {
    expect(stepsOf([told], "recency", { gamma: 0.5 })).toEqual([0.75, 1.5, 3]);
    expect(stepsOf([told], "recency", { gamma: 0.5, unit: "turn" })).toEqual([1.5, 1.5, 3]);
  });

  test("length share: by trained tokens, masked ones do not count; without tokens not available", () => {
    expect(stepsOf([counted], "lengthShare")).toEqual([2, 4, 2]);
    expect(stepsOf([counted], "lengthShare", { unit: "turn" })).toEqual([6, 6, 2]);
    expect(makeBatch([told]).missing(0, "lengthShare")).toEqual(["token.mask"]);
  });

  test("uniform and length share sum to the outcome", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 }), (lengths) => {
        const turns = lengths.map((n) => turnOf("assistant", n, { steps: [[0, n, 0]] }));
        for (const method of ["uniform", "lengthShare"])
          expect(sum(stepsOf([member(null, turns, { reward: 2 })], method))).toBeCloseTo(2, 9);
      }),
    );
  });
});
