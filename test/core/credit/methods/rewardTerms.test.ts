import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BatchMember } from "../../../../src/core/credit/batchCredit.ts";
import type { AvailableCredit } from "../../../../src/core/credit/credit.ts";
import { makeBatch } from "../../../../src/core/credit/engine.ts";
import { fitBeta, logBetaDensity } from "../../../../src/core/credit/primitives/betaNormalization.ts";
import { textTurn } from "../../../../src/core/rollout/textTrajectory.ts";
import { logGamma } from "../../../../src/core/stats/logGamma.ts";
import { member, turnOf } from "../trajectories.ts";

type Rewards = Readonly<Record<string, number>>;

/** A rollout with components of the reward and no outcome; two tokens. */
const parts = (rewards: Rewards, group: string | null = "g"): BatchMember =>
  member(group, [turnOf("assistant", 2)], { rewards: new Map(Object.entries(rewards)) });

const outcome = (reward: number, group: string | null = "g"): BatchMember =>
  member(group, [textTurn("user", "Q", -1), textTurn("assistant", "A.", 0)], { reward });

function run(members: readonly BatchMember[], method: string, params: Record<string, unknown>) {
  const made = makeBatch(members).credit(method, params);
  return {
    credits: members.map((_, r) => {
      const credit = made.credit(r);
      if (credit.status !== "ok") throw new Error(credit.reason);
      return credit.credit ?? credit.turns[0]!.tokens![0]!;
    }),
    flags: (r: number) => (made.credit(r) as AvailableCredit).flags,
    lane: (name: string) => members.map((_, r) => made.lane(r, name)[0]!),
    lanes: made.lanes,
  };
}

const close = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((x, i) =>
    Number.isNaN(expected[i]!) ? expect(x).toBeNaN() : expect(x).toBeCloseTo(expected[i]!, 9),
  );
};

describe("GRPO as TRL computes it", () => {
  const trl = { preset: "released:trl" };

  test("adds up reward functions with weights before it compares", () => {
    // Sums 1 + 0.5 · 0.2 = 1.1 and 0 + 0.5 · 0.4 = 0.2: mean 0.65, deviation 0.9 / √2.
    const members = [parts({ a: 1, b: 0.2 }), parts({ a: 0, b: 0.4 })];
    const { credits, lane } = run(members, "grpo", { ...trl, weights: { b: 0.5 } });
    const std = 0.9 / Math.sqrt(2);
    close(lane("reward"), [1.1, 0.2]);
    close(lane("rewards.b"), [0.1, 0.2]);
    close(credits, [0.45 / (std + 1e-4), -0.45 / (std + 1e-4)]);
  });

  test("leaves a rollout out of the statistics to which no function applies, and gives it 0", () => {
    const members = [parts({ a: 1 }), parts({ a: NaN }), parts({ a: 0 })];
    const { credits, lane } = run(members, "grpo", { ...trl, scaleRewards: "none" });
    close(credits, [0.5, 0, -0.5]);
    close(lane("reward"), [1, NaN, 0]);
  });

  test("divides by the batch's deviation on request: group means 0.5 and 0, deviation of {1, 0, 0, 0} is 0.5", () => {
    const members = [parts({ a: 1 }, "p"), parts({ a: 0 }, "p"), parts({ a: 0 }, "q"), parts({ a: 0 }, "q")];
    const { credits, lane } = run(members, "grpo", { ...trl, scaleRewards: "batch" });
    close(credits, [0.5 / (0.5 + 1e-4), -0.5 / (0.5 + 1e-4), 0, 0]);
    expect(lane("zeroStd")).toEqual([0, 0, 0, 0]);
  });

  test("says which share of rollouts has no signal", () => {
    const members = [parts({ a: 1 }, "p"), parts({ a: 0 }, "p"), parts({ a: 1 }, "q"), parts({ a: 1 }, "q")];
    const { lane, flags } = run(members, "grpo", trl);
    expect(lane("zeroStd")).toEqual([0, 0, 1, 1]);
    expect(lane("zeroStdShare")[0]).toBe(0.5);
    expect([flags(0), flags(2)]).toEqual([[], ["zero-variance"]]);
  });

  test("normalises each function before it adds them up: (±0.5 / (√0.5 + 1e-4)) · 2, then over the batch", () => {
    const members = [parts({ a: 1, b: 10 }), parts({ a: 0, b: 0 })];
    const { credits, lane } = run(members, "grpo", { preset: "released:trlNormalizeThenSum" });
    const a = 0.5 / (Math.sqrt(0.5) + 1e-4);
    const b = 5 / (Math.sqrt(50) + 1e-4);
    const std = (2 * (a + b)) / Math.sqrt(2);
    close(lane("rewards.a"), [a, -a]);
    close(credits, [(a + b) / (std + 1e-4), -(a + b) / (std + 1e-4)]);
  });

  test("takes the outcome reward where a log has no components", () => {
    const { credits } = run([outcome(1), outcome(0)], "grpo", trl);
    const std = Math.SQRT1_2;
    close(credits, [0.5 / (std + 1e-4), -0.5 / (std + 1e-4)]);
    expect(
      makeBatch([outcome(NaN)])
        .credit("grpo", trl)
        .credit(0),
    ).toMatchObject({
      status: "unavailable",
      missing: ["trajectory.reward"],
    });
  });

  test("without the preset a log of components alone has no outcome to compare", () => {
    expect(
      makeBatch([parts({ a: 1 })])
        .credit("grpo", {})
        .credit(0),
    ).toMatchObject({
      status: "unavailable",
      missing: ["trajectory.reward"],
    });
  });

  test("OpenRLHF's group_norm has no credit for a group of one", () => {
    const { credits, flags } = run([outcome(1)], "grpo", { preset: "released:openrlhf" });
    expect(credits).toEqual([NaN]);
    expect(flags(0)).toEqual(["singleton", "non-finite"]);
  });

  test("with one function of weight 1 is GRPO of the outcome, and a weight of 0 takes a function out", () => {
    const numbers = fc.array(
      fc.record({
        a: fc.double({ min: -2, max: 2, noNaN: true }),
        b: fc.double({ min: -2, max: 2, noNaN: true }),
      }),
      { minLength: 2, maxLength: 6 },
    );
    fc.assert(
      fc.property(numbers, (all) => {
        const plain = { epsilon: 1e-4, singleton: "zero" };
        const outcomes = run(
          all.map(({ a }) => outcome(a)),
          "grpo",
          plain,
        ).credits;
        const both = all.map((one) => parts(one));
        close(run(both, "grpo", { ...trl, weights: { b: 0 } }).credits, outcomes);
      }),
      { numRuns: 40 },
    );
  });
});

describe("GDPO", () => {
  test("keeps a component visible that a sum would drown", () => {
    // Both components are normalised to ±√½, so that their sums are 2·√½, 0, 0 … after the common deviation.
    const members = [parts({ loud: 100, quiet: 1 }), parts({ loud: 0, quiet: 0 })];
    const { lane, lanes } = run(members, "gdpo", { epsilon: 0 });
    close(lane("rewards.loud"), [Math.SQRT1_2, -Math.SQRT1_2]);
    close(lane("rewards.quiet"), [Math.SQRT1_2, -Math.SQRT1_2]);
    close(lane("sum"), [Math.SQRT2, -Math.SQRT2]);
    expect(lanes["rewards.quiet"]!.kind).toBe("component");
  });

  test("components add up to the blend", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ a: fc.nat(3), b: fc.nat(3), credit: fc.nat(3) }), {
          minLength: 2,
          maxLength: 5,
        }),
        (all) => {
          const { lane } = run(
            all.map((one) => parts(one)),
            "gdpo",
            { weights: { a: 2 } },
          );
          const [a, b, c] = ["a", "b", "credit"].map((name) => lane(`rewards.${name}`));
          close(
            lane("sum"),
            all.map((_, r) => a![r]! + b![r]! + c![r]!),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  test("a component that does not apply adds nothing, and a rollout without any has no credit", () => {
    const members = [parts({ a: 1, b: NaN }), parts({ a: 0, b: NaN }), parts({ a: NaN, b: NaN })];
    const { credits, lane, flags } = run(members, "gdpo", { epsilon: 0, whiten: false });
    close(credits, [Math.SQRT1_2, -Math.SQRT1_2, NaN]);
    close(lane("rewards.b"), [NaN, NaN, NaN]);
    expect(flags(2)).toEqual(["non-finite"]);
  });

  test("as SLIM normalises over the batch: {1, 0, 0, 1} has deviation √⅓", () => {
    const members = [1, 0, 0, 1].map((a, i) => parts({ a }, i < 2 ? "p" : "q"));
    const { credits } = run(members, "gdpo", { preset: "slim", epsilon: 0 });
    const unit = 0.5 / Math.sqrt(1 / 3);
    close(credits, [unit, -unit, -unit, unit]);
  });

  test("is not available without components", () => {
    const alone = member("g", [turnOf("assistant", 2)], { reward: 1 });
    expect(makeBatch([alone]).credit("gdpo", {}).credit(0)).toMatchObject({
      status: "unavailable",
      missing: ["trajectory.rewards"],
    });
  });
});

describe("BNPO", () => {
  const three = [outcome(1, "p"), outcome(0, "p"), outcome(0, "q"), outcome(0, "q")];

  test("by hand for means 0.5 and 0: p̄ = 0.25, v = 0.125, so a = 0.125, b = 0.375, α = 1.04…, β = 1.125", () => {
    const [alpha, beta] = [1 + 0.125 / 3, 1 + 0.375 / 3];
    const logB = logGamma(alpha) + logGamma(beta) - logGamma(alpha + beta);
    const density = Math.exp((alpha - 1) * Math.log(0.5) + (beta - 1) * Math.log(0.5) - logB);
    const { credits, lane } = run(three, "bnpo", {});
    expect(lane("alpha")[0]).toBeCloseTo(alpha, 12);
    expect(lane("beta")[0]).toBeCloseTo(beta, 12);
    close(credits, [0.5 / density, -0.5 / density, 0, 0]);
    expect(lane("weight")[2]).toBe(1e6);
  });

  test("gives one prompt the weight 1", () => {
    close(run([outcome(1), outcome(0)], "bnpo", {}).credits, [0.5, -0.5]);
  });

  test("has no credit where all prompts have the same mean, or weight 1 on request", () => {
    const same = [outcome(1, "p"), outcome(0, "p"), outcome(1, "q"), outcome(0, "q")];
    const released = run(same, "bnpo", {});
    expect(released.credits).toEqual([NaN, NaN, NaN, NaN]);
    expect(released.flags(0)).toEqual(["non-finite"]);
    close(run(same, "bnpo", { preset: "own" }).credits, [0.5, -0.5, 0.5, -0.5]);
  });

  test("lets a group of one with reward 1 explode as the release does, not with `own`", () => {
    const members = [...three, outcome(1, "single")];
    expect(run(members, "bnpo", {}).credits[4]).toBe(1e6);
    expect(run(members, "bnpo", { preset: "own" }).credits[4]).toBe(0);
  });

  test("maps rewards to [0, 1], and refuses what lies outside", () => {
    close(run([outcome(3), outcome(-1)], "bnpo", { minReward: -1, maxReward: 3 }).credits, [0.5, -0.5]);
    expect(run([outcome(3), outcome(3)], "bnpo", {}).flags(0)).toContain("non-finite");
  });

  test("adds up the advantages of the components", () => {
    const members = [parts({ a: 1, b: 0 }), parts({ a: 0, b: 0 })];
    const { credits, lane } = run(members, "bnpo", { decompose: true, weights: { a: 2 } });
    close(lane("rewards.a"), [1, -1]);
    close(lane("rewards.b"), [0, 0]);
    close(credits, [1, -1]);
  });

  test("weights are positive and at most 1e6, and credits of a prompt sum to 0", () => {
    const group = fc.array(fc.constantFrom(0, 1), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(group, { minLength: 2, maxLength: 5 }), (groups) => {
        const members = groups.flatMap((rewards, g) => rewards.map((x) => outcome(x, `group ${g}`)));
        const { credits, lane } = run(members, "bnpo", { preset: "own" });
        for (const weight of lane("weight")) expect(weight > 0 && weight <= 1e6).toBe(true);
        let at = 0;
        for (const rewards of groups) {
          const sum = credits.slice(at, (at += rewards.length)).reduce((total, x) => total + x, 0);
          expect(Math.abs(sum)).toBeLessThan(1e-6);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("the Beta density", () => {
  test("of α = β = 1 is 1, also at 0 and 1 where torch 2 has it", () => {
    for (const p of [0, 0.3, 1]) expect(logBetaDensity(p, 1, 1, "zero")).toBeCloseTo(0, 12);
    expect(logBetaDensity(0, 1, 1, "nan")).toBeNaN();
    expect(logBetaDensity(1.5, 1, 1, "zero")).toBeNaN();
  });

  test("of α = 2, β = 3 is 12 p (1 − p)²", () => {
    expect(Math.exp(logBetaDensity(0.25, 2, 3, "zero"))).toBeCloseTo(12 * 0.25 * 0.75 ** 2, 12);
  });

  test("has parameters of at least 1, both 1 for one prompt", () => {
    expect(fitBeta(Float64Array.of(0.4), "nan")).toEqual({ alpha: 1, beta: 1 });
    expect(fitBeta(Float64Array.of(0, 1), "nan")).toEqual({ alpha: 1, beta: 1 });
    expect(fitBeta(Float64Array.of(0.5, 0.5), "nan").alpha).toBeNaN();
    // The sum of three fifths is 0.6000000000000001: a third of it is no fifth, but the means are equal all the same.
    expect(fitBeta(Float64Array.of(0.2, 0.2, 0.2), "nan").alpha).toBeNaN();
    expect(fitBeta(Float64Array.of(0.2, 0.2, 0.2), "one")).toEqual({ alpha: 1, beta: 1 });
  });
});

describe("ln Γ", () => {
  test("is ln (n − 1)! at whole numbers, and ln √π at a half", () => {
    let factorial = 1;
    for (let n = 1; n < 20; n++) {
      expect(Math.abs(logGamma(n) - Math.log(factorial))).toBeLessThan(1e-12 * (1 + Math.log(factorial)));
      factorial *= n;
    }
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 13);
    expect(logGamma(0.25)).toBeCloseTo(1.2880225246980774, 12);
    expect(logGamma(0)).toBeNaN();
    expect(logGamma(Infinity)).toBe(Infinity);
  });
});
