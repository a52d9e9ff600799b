import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AvailableCredit } from "../../../../src/core/credit/credit.ts";
import type { BatchMember } from "../../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../../src/core/credit/engine.ts";
import { textTurn } from "../../../../src/core/rollout/textTrajectory.ts";
import { member } from "../trajectories.ts";

function rollout(
  fields: Record<string, unknown>,
  { group = "g", reward = NaN }: { group?: string | null; reward?: number } = {},
): BatchMember {
  const turns = [textTurn("user", "Q", -1), textTurn("assistant", "A.", 0)];
  return member(group, turns, { extra: new Map(Object.entries(fields)), reward });
}

function credits(
  members: readonly BatchMember[],
  method: string,
  params: Record<string, unknown> = {},
): number[] {
  const run = makeBatch(members).credit(method, params);
  return members.map((_, r) => (run.credit(r) as AvailableCredit).credit!);
}

describe("polar", () => {
  const group = [
    rollout({ rm_score: -3 }),
    rollout({ rm_score: -1 }),
    rollout({ rm_score: 7 }, { group: "h" }),
  ];

  test("scores compare within their prompt: −3 − −2 over √2; alone: 0", () => {
    const [low, high, alone] = credits(group, "polar");
    expect(low).toBeCloseTo(-1 / (Math.SQRT2 + 1e-6), 12);
    expect(high).toBeCloseTo(1 / (Math.SQRT2 + 1e-6), 12);
    expect(alone).toBe(0);
    expect(credits(group, "polar", { form: "centered" })).toEqual([-1, 1, 0]);
    expect(credits(group, "polar", { form: "score" })).toEqual([-3, -1, 7]);
    expect(credits(group, "polar", { form: "centered", singleton: "nan" })[2]).toBeNaN();
  });

  test("and within one reference trajectory", () => {
    const members = [0, 0, 1, 1].map((reference, i) => rollout({ reference, rm_score: 10 * reference + i }));
    expect(credits(members, "polar", { form: "centered" })).toEqual([-0.5, 0.5, -0.5, 0.5]);
  });

  test("a shift of a reference's scores changes nothing", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 2 }),
        fc.integer(),
        (scores, shift) => {
          const of = (by: number): number[] =>
            credits(
              scores.map((score) => rollout({ rm_score: score + by })),
              "polar",
              { form: "centered" },
            );
          of(shift % 1000).forEach((x, i) => expect(x).toBeCloseTo(of(0)[i]!, 9));
        },
      ),
      { numRuns: 30 },
    );
  });

  test("without a score it is unavailable", () => {
    expect(
      makeBatch([rollout({})])
        .credit("polar", {})
        .credit(0),
    ).toMatchObject({
      status: "unavailable",
      missing: ["trajectory.rm_score"],
    });
  });
});

describe("polarPrefix", () => {
  function stepped(scores: number[], start?: number): BatchMember {
    const n = scores.length;
    const turn = textTurn("assistant", "x".repeat(n), -1);
    const steps = {
      n,
      start: Int32Array.from({ length: n }, (_, k) => k),
      end: Int32Array.from({ length: n }, (_, k) => k + 1),
      source: "logged" as const,
      columns: new Map([["rm_score", Float64Array.from(scores)]]),
      extra: new Map(),
    };
    return member("g", [{ ...turn, steps }], {
      extra: new Map(start === undefined ? [] : [["rm_score_start", start]]),
    });
  }
  const lane = (one: BatchMember, params = {}): number[] => [
    ...makeBatch([one]).credit("polarPrefix", params).lane(0, "credit"),
  ];

  test("a step gets what it adds; the first only where the score of no text is known", () => {
    expect(lane(stepped([-2, -1.5, 1], -3))).toEqual([1, 0.5, 2.5]);
    expect(lane(stepped([-2, -1.5]))).toEqual([NaN, 0.5]);
    expect(lane(stepped([-2, -1.5]), { start: "zero" })).toEqual([-2, 0.5]);
  });

  test("steps sum to the last score less the first", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1 }), (scores) => {
        expect(lane(stepped(scores, 4)).reduce((a, b) => a + b, 0)).toBe(scores.at(-1)! - 4);
      }),
    );
  });
});

describe("dragon", () => {
  test("the logged reward of the set less that without the rollout, with its rank and half", () => {
    const members = [0.5, 0.75, 0.25].map((without) =>
      rollout({ set_reward: 0.75, set_reward_without: without }),
    );
    expect(credits(members, "dragon")).toEqual([0.25, 0, 0.5]);
    const run = makeBatch(members).credit("dragon", {});
    expect([0, 1, 2].map((r) => [run.lane(r, "rank")[0], run.lane(r, "positive")[0]])).toEqual([
      [2, 0],
      [3, 0],
      [1, 1],
    ]);
  });

  test("diversity is the mean distance: of (0,0), (3,4), (0,0) 10/3, without the second 0", () => {
    const members = [
      [0, 0],
      [3, 4],
      [0, 0],
    ].map((embedding) => rollout({ embedding }));
    const [first, second] = credits(members, "dragon", { form: "diversity" });
    expect(first).toBeCloseTo(10 / 3 - 5, 12);
    expect(second).toBeCloseTo(10 / 3, 12);
  });

  test("best of n: only a single best rollout counts, a set of one without it is none", () => {
    const members = [0, 1, 0.25].map((reward) => rollout({}, { reward }));
    expect(credits(members, "dragon", { form: "best" })).toEqual([0, 0.75, 0]);
    expect(credits([rollout({}, { reward: 1, group: null })], "dragon", { form: "best" })).toEqual([NaN]);
  });

  test("embeddings of different lengths have no distance", () => {
    const members = [[0, 0], [1]].map((embedding) => rollout({ embedding }));
    expect(credits(members, "dragon", { form: "diversity" })).toEqual([NaN, NaN]);
  });
});

describe("dno", () => {
  test("the mean probability of being preferred, from an object or a list; missing ones are left out", () => {
    const members = [
      rollout({ preferences: { b: 0.9, c: 0.5 } }),
      rollout({ preferences: [0.1, null, 0.2] }),
    ];
    expect(credits(members, "dno")[0]).toBeCloseTo(0.7, 12);
    expect(credits(members, "dno")[1]).toBeCloseTo(0.15, 12);
    expect(credits(members, "dno", { baseline: "half" })[0]).toBeCloseTo(0.2, 12);
  });

  test("win rates of a complete, consistent matrix average ½", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 }),
        (p) => {
          const rows = [
            [null, p[0]!, p[1]!, p[2]!],
            [1 - p[0]!, null, p[3]!, p[4]!],
            [1 - p[1]!, 1 - p[3]!, null, p[5]!],
            [1 - p[2]!, 1 - p[4]!, 1 - p[5]!, null],
          ];
          const rates = credits(
            rows.map((preferences) => rollout({ preferences })),
            "dno",
          );
          expect(rates.reduce((a, b) => a + b, 0) / 4).toBeCloseTo(0.5, 12);
        },
      ),
    );
  });

  test("without preferences it is unavailable", () => {
    expect(
      makeBatch([rollout({ preferences: {} })])
        .credit("dno", {})
        .credit(0),
    ).toMatchObject({
      status: "unavailable",
      missing: ["trajectory.preferences[]"],
    });
  });
});
