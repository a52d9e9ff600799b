import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BatchMember } from "../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../src/core/credit/engine.ts";
import { type Finding, identify } from "../../../src/core/credit/forensics/identify.ts";
import type { TokenColumns } from "../../../src/core/rollout/tokenColumns.ts";
import { member, turnOf } from "./trajectories.ts";

/** Numbers that are the same in every run of the test. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Six groups of four rollouts of different lengths, with values, KL, ids and step scores. */
function rollouts(seed: number): readonly BatchMember[] {
  const next = random(seed);
  return Array.from({ length: 24 }, (_, r) => {
    const n = 5 + Math.floor(next() * 12);
    const numbers = (from: number, to: number): number[] =>
      Array.from({ length: n }, () => from + (to - from) * next());
    const cut = 1 + Math.floor(next() * (n - 2));
    const turn = turnOf("assistant", n, {
      ids: Array.from({ length: n }, () => Math.floor(next() * 4)),
      columns: { values: numbers(-1, 1), kl: numbers(0, 0.1), logprobs: numbers(-3, 0) },
      steps: [
        [0, cut, next()],
        [cut, n, next()],
      ],
    });
    return member(`g${r >> 2}`, [turn], {
      reward: next() < 0.3 ? 0 : Math.round(next() * 10) / 4,
      success: next() > 0.5,
    });
  });
}

/** The same rollouts with what a method gives them as logged advantages, in float32 as trainers log them. */
function logOf(
  members: readonly BatchMember[],
  method: string,
  params: Readonly<Record<string, unknown>> = {},
  change: (x: number, t: number, r: number) => number = (x) => x,
): readonly BatchMember[] {
  const run = makeBatch(members).credit(method, params);
  return members.map(({ trajectory, groupKey }, r) => {
    const credit = run.credit(r);
    if (credit.status !== "ok") throw new Error(credit.reason);
    const [turn] = trajectory.turns;
    const tokens = turn!.tokens!;
    const advantages = credit.turns[0]!.tokens!.map((x, t) =>
      Math.fround(change(Number.isNaN(x) ? 0 : x, t, r)),
    );
    const columns = new Map([...tokens.columns, ["advantages", advantages] as const]);
    const logged: TokenColumns = { ...tokens, columns };
    return { groupKey, trajectory: { ...trajectory, turns: [{ ...turn!, tokens: logged }] } };
  });
}

function found(members: readonly BatchMember[]): Finding {
  const finding = identify(members);
  for (;;) {
    const { done, value } = finding.next();
    if (done === true) return value;
  }
}

describe("names the estimator that made the logged advantages", () => {
  test.each([
    ["grpo", {}],
    ["drGrpo", {}],
    ["rloo", {}],
    ["opo", {}],
    ["gpg", {}],
    ["gae", {}],
    ["gae", { stage: "raw" }],
    ["reinforcePlusPlus", {}],
    ["reinforcePlusPlusBaseline", {}],
    ["tempo", {}],
    ["pure", {}],
    ["grpoPassk", {}],
  ] as const)("%s %j", (method, params) => {
    for (const seed of [1, 2]) {
      const finding = found(logOf(rollouts(seed), method, params));
      expect(finding.verdict).toBe(method);
      expect(finding.candidates[0]!.residual).toBeLessThan(1e-5);
      expect(finding.explanation).toContain(method);
    }
  });

  test("tells presets apart that differ in where epsilon stands", () => {
    const members = rollouts(3);
    expect(found(logOf(members, "grpo", { preset: "released:trl" })).candidates[0]).toMatchObject({
      method: "grpo",
      preset: "released:trl",
    });
    expect(found(logOf(members, "grpo")).candidates[0]!.preset).toBe("released:verl");
  });

  test("finds discounts that no preset has", () => {
    const finding = found(logOf(rollouts(4), "gae", { gamma: 0.99, lambda: 0.9, stage: "raw" }));
    expect(finding.candidates[0]).toMatchObject({
      method: "gae",
      params: { gamma: 0.99, lambda: 0.9 },
      stage: "raw",
    });
  });
});

describe("names the stage of the pipeline", () => {
  test("whitened after an estimator that does not whiten itself", () => {
    const members = rollouts(5);
    const raw = logOf(members, "tempo");
    const all = raw.flatMap(({ trajectory }) => [...trajectory.turns[0]!.tokens!.columns.get("advantages")!]);
    const mean = all.reduce((a, b) => a + b) / all.length;
    const std = Math.sqrt(all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (all.length - 1));
    const finding = found(logOf(members, "tempo", {}, (x) => (x - mean) / std));
    expect(finding.candidates[0]).toMatchObject({ method: "tempo", stage: "whitened" });
  });

  test("cut off at a bound", () => {
    const finding = found(logOf(rollouts(6), "drGrpo", {}, (x) => Math.min(0.5, Math.max(-0.5, x))));
    expect(finding.candidates[0]).toMatchObject({
      method: "drGrpo",
      stage: "clipped",
      params: { bound: 0.5 },
    });
  });

  test("less a KL penalty, with its weight", () => {
    const members = rollouts(7);
    const penalties = members.map(({ trajectory }) => {
      const kl = trajectory.turns[0]!.tokens!.columns.get("kl")!;
      return Float64Array.from(kl, (_, t) => kl.slice(t).reduce((a, b) => a + b, 0));
    });
    const finding = found(logOf(members, "grpo", {}, (x, t, r) => x - 0.04 * penalties[r]![t]!));
    expect(finding.verdict).toBe("grpo");
    expect(finding.candidates[0]!.stage).toBe("KL-shaped");
    expect(finding.candidates[0]!.params["beta"]).toBeCloseTo(0.04, 5);
  });

  test("logged in bfloat16: rounding is no difference", () => {
    const toBf16 = (x: number): number => {
      const view = new DataView(new ArrayBuffer(4));
      view.setFloat32(0, x);
      view.setUint32(0, (view.getUint32(0) + 0x8000) & 0xffff0000);
      return view.getFloat32(0);
    };
    expect(found(logOf(rollouts(8), "rloo", {}, toBf16)).verdict).toBe("rloo");
  });
});

describe("says plainly that it does not know", () => {
  test("random numbers are nobody's", () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), (seed) => {
        const next = random(seed);
        const finding = found(logOf(rollouts(9), "grpo", {}, () => next() - 0.5));
        expect(finding.verdict).toBe("none");
        expect(finding.explanation).toContain("No known estimator");
      }),
      { numRuns: 5 },
    );
  });

  test("numbers that are not finite are told as such", () => {
    const infinite = logOf(rollouts(10), "grpo", {}, (x, _, r) => (r === 3 ? Infinity : x));
    expect(found(infinite)).toMatchObject({ verdict: "none", target: "advantages", candidates: [] });
    expect(found(infinite).explanation).toContain("not finite");
  });

  test("zeros tell nothing, and a log without advantages says so", () => {
    expect(found(logOf(rollouts(10), "grpo", {}, () => 0))).toMatchObject({
      verdict: "none",
      target: "advantages",
    });
    expect(found(rollouts(11))).toMatchObject({ verdict: "none", target: null, candidates: [] });
  });
});

test("returns are told by the methods that have them, and a rollout's own advantage by those of that level", () => {
  const members = rollouts(12);
  const run = makeBatch(members).credit("gae", {});
  const withReturns = members.map(({ trajectory, groupKey }, r) => {
    const [turn] = trajectory.turns;
    const tokens = turn!.tokens!;
    const columns = new Map([...tokens.columns, ["returns", run.lane(r, "returns")] as const]);
    return { groupKey, trajectory: { ...trajectory, turns: [{ ...turn!, tokens: { ...tokens, columns } }] } };
  });
  expect(found(withReturns)).toMatchObject({ verdict: "gae", target: "returns" });

  const grpo = makeBatch(members).credit("grpo", { preset: "released:trl" });
  const whole = members.map(({ trajectory, groupKey }, r) => {
    const credit = grpo.credit(r);
    const advantage = credit.status === "ok" ? credit.credit : NaN;
    return { groupKey, trajectory: { ...trajectory, extra: new Map([["advantage", advantage]]) } };
  });
  const finding = found(whole);
  expect([finding.verdict, finding.target]).toEqual(["grpo", "advantage"]);
  expect(finding.candidates[0]!.preset).toBe("released:trl");
});
