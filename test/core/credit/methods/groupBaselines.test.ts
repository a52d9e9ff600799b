import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BatchMember } from "../../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../../src/core/credit/engine.ts";
import { textTurn } from "../../../../src/core/rollout/textTrajectory.ts";
import { member, turnOf } from "../trajectories.ts";

/** A rollout of text with an outcome. */
const text = (reward: number, group: string | null = "g"): BatchMember =>
  member(group, [textTurn("user", "Q", -1), textTurn("assistant", "A.", 0)], { reward });

/** A rollout of `n` trained tokens with an outcome. */
const tokens = (reward: number, n: number, fields: object = {}): BatchMember =>
  member("g", [turnOf("user", 1), turnOf("assistant", n)], { reward, ...fields });

function numbersOf(
  members: readonly BatchMember[],
  method: string,
  params: Record<string, unknown> = {},
): readonly number[] {
  const run = makeBatch(members).credit(method, params);
  return members.map((_, r) => {
    const credit = run.credit(r);
    if (credit.status !== "ok") throw new Error(credit.reason);
    return credit.credit ?? credit.turns.at(-1)!.tokens![0]!;
  });
}

const flagsOf = (members: readonly BatchMember[], method: string, params = {}): readonly string[] => {
  const credit = makeBatch(members).credit(method, params).credit(0);
  return credit.status === "ok" ? credit.flags : [credit.status];
};

const close = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((x, i) => expect(x).toBeCloseTo(expected[i]!, 9));
};

describe("Pass@k GRPO", () => {
  test("credits the best with what it has over the second best: (1 − 0.5) / (0.5 + 1e-6)", () => {
    close(numbersOf([text(1), text(0), text(0.5)], "grpoPassk"), [0.5 / (0.5 + 1e-6), 0, 0]);
    close(numbersOf([text(1), text(0), text(0.5)], "grpoPassk", { normalizeByStd: false }), [0.5, 0, 0]);
  });

  test("gives 0 to a tie at the top", () => {
    close(numbersOf([text(1), text(1), text(0)], "grpoPassk"), [0, 0, 0]);
  });

  test("has no credit for a group of one, which the release refuses", () => {
    expect(numbersOf([text(1)], "grpoPassk")).toEqual([NaN]);
    expect(flagsOf([text(1)], "grpoPassk")).toEqual(["singleton", "non-finite"]);
    close(numbersOf([text(0.7)], "grpoPassk", { singleton: "zero" }), [0]);
  });
});

describe("OPO", () => {
  test("weighs the mean by length: (3 · 1 + 1 · 0) / 4 = 0.75", () => {
    close(numbersOf([tokens(1, 3), tokens(0, 1)], "opo"), [0.25, -0.75]);
  });

  test("needs tokens, and says so", () => {
    expect(
      makeBatch([text(1)])
        .credit("opo", {})
        .credit(0),
    ).toMatchObject({
      status: "unavailable",
      missing: ["token.mask"],
    });
  });

  test("counts trained tokens alone", () => {
    const masked = member("g", [turnOf("assistant", 3, { mask: [1, 0, 0] })], { reward: 1 });
    close(numbersOf([masked, tokens(0, 3)], "opo"), [1 - 1 / 4, -1 / 4]);
  });

  test("keeps the raw score of a group of one, or 0", () => {
    close(numbersOf([tokens(0.3, 2)], "opo"), [0.3]);
    close(numbersOf([tokens(0.3, 2)], "opo", { singleton: "zero" }), [0]);
  });
});

describe("GPG", () => {
  test("scales up for rewards of 0: α = 4 / 1, mean 0.25", () => {
    const members = [text(1), text(0), text(0), text(0)];
    close(numbersOf(members, "gpg"), [3, -1, -1, -1]);
    close(numbersOf(members, "gpg", { fNorm: 2 }), [1.5, -0.5, -0.5, -0.5]);
  });

  test("counts no fewer than one reward", () => {
    close(numbersOf([text(0), text(0)], "gpg"), [0, 0]);
  });
});

describe("ReMax", () => {
  const extra = new Map([["baseline", 0.25]]);

  test("subtracts the greedy answer's reward from what is still to come", () => {
    const dense = member("g", [turnOf("assistant", 3, { columns: { rewards: [0.5, 0, 1] } })], { extra });
    const credit = makeBatch([dense]).credit("remax", {}).credit(0);
    expect(credit.status === "ok" && [...credit.turns[0]!.tokens!]).toEqual([1.25, 0.75, 0.75]);
  });

  test("is not available where the greedy answer's reward is not logged", () => {
    expect(
      makeBatch([tokens(1, 2)])
        .credit("remax", {})
        .credit(0),
    ).toMatchObject({
      status: "unavailable",
      missing: ["trajectory.baseline"],
    });
  });
});

describe("REINFORCE++ baseline", () => {
  test("whitens over tokens, so that longer responses weigh more", () => {
    // R − mean is 0.5 on three tokens and −0.5 on one: mean 0.25, variance (3 · 0.0625 + 0.5625) / 3 = 0.25.
    const [above, below] = numbersOf([tokens(1, 3), tokens(0, 1)], "reinforcePlusPlusBaseline");
    expect(above).toBeCloseTo(0.25 / 0.5, 6);
    expect(below).toBeCloseTo(-0.75 / 0.5, 6);
  });

  test("without whitening is the reward above the group's mean", () => {
    const members = [tokens(1, 3), tokens(0, 1)];
    close(numbersOf(members, "reinforcePlusPlusBaseline", { whiten: false }), [0.5, -0.5]);
  });
});

describe("invariants of group baselines", () => {
  const rewards = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 2, maxLength: 6 });

  test("credits of a group sum to 0, for OPO weighted by length", () => {
    fc.assert(
      fc.property(rewards, (all) => {
        const sum = (method: string, params = {}): number =>
          numbersOf(
            all.map((x) => text(x)),
            method,
            params,
          ).reduce((total, x) => total + x, 0);
        expect(sum("gpg")).toBeCloseTo(0, 9);
        expect(sum("grpo", { scaleRewards: "batch" })).toBeCloseTo(0, 6);
        const lengths = all.map((_, i) => i + 1);
        const opo = numbersOf(
          all.map((x, i) => tokens(x, lengths[i]!)),
          "opo",
        );
        expect(opo.reduce((total, x, i) => total + x * lengths[i]!, 0)).toBeCloseTo(0, 9);
      }),
      { numRuns: 30 },
    );
  });

  test("a constant added to all rewards changes nothing where α does not count zeros", () => {
    fc.assert(
      fc.property(rewards, fc.double({ min: -1, max: 1, noNaN: true }), (all, shift) => {
        for (const method of ["grpoPassk", "opo", "reinforcePlusPlusBaseline"]) {
          const params = method === "grpoPassk" ? { normalizeByStd: false } : {};
          const whiten = method === "reinforcePlusPlusBaseline" ? { whiten: false } : {};
          const of = (add: number): readonly number[] =>
            numbersOf(
              all.map((x) => tokens(x + add, 2)),
              method,
              { ...params, ...whiten },
            );
          close(of(shift), of(0));
        }
      }),
      { numRuns: 30 },
    );
  });

  test("at most one rollout of a group has Pass@k credit, and it is never below 0", () => {
    fc.assert(
      fc.property(rewards, (all) => {
        const credits = numbersOf(
          all.map((x) => text(x)),
          "grpoPassk",
        );
        expect(credits.filter((x) => x !== 0).length).toBeLessThanOrEqual(1);
        expect(Math.min(...credits)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 50 },
    );
  });
});
