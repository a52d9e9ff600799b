import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BatchMember } from "../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../src/core/credit/engine.ts";
import { aggregations } from "../../../src/core/credit/primitives/lossWeight.ts";
import { textTurn } from "../../../src/core/rollout/textTrajectory.ts";
import { member, turnOf } from "./trajectories.ts";

/** Two turns of the policy with a tool's between them; `n` tokens in the first. */
function rollout(
  reward: number,
  n: number,
  columns: Record<string, (t: number) => number> = {},
): BatchMember {
  const of = (length: number): Record<string, number[]> =>
    Object.fromEntries(
      Object.entries(columns).map(([name, x]) => [name, Array.from({ length }, (_, t) => x(t))]),
    );
  return member(
    "g",
    [
      textTurn("user", "q", -1),
      turnOf("assistant", n, { columns: of(n) }),
      turnOf("tool", 2),
      turnOf("assistant", 1, { columns: of(1) }),
    ],
    { reward },
  );
}

const logprobs = { logprobs: () => -1, ref_logprobs: () => -1 - Math.LN2 };

describe("token pressure", () => {
  test("by hand: Dr.GRPO's ±½ over 7 trained tokens", () => {
    const pressure = makeBatch([rollout(1, 4), rollout(0, 1)]).pressure("drGrpo", {}, { kl: "none" });
    const [, first, tool, last] = pressure.turns(0);
    expect([...first!.pressure]).toEqual([0.5, 0.5, 0.5, 0.5].map((a) => a / 7));
    expect([...first!.advantage]).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect([...tool!.pressure, ...tool!.lossWeight]).toEqual([NaN, NaN, NaN, NaN]);
    expect([...last!.lossWeight]).toEqual([1 / 7]);
    expect(pressure.turns(0)[0]).toBeNull();
    expect(pressure.missing(0)).toEqual([]);
  });

  test("a mean over sequences of means makes a token of a long rollout weigh less", () => {
    const settings = { aggregation: "seq-mean-token-mean", kl: "none" };
    const pressure = makeBatch([rollout(1, 4), rollout(0, 1)]).pressure("drGrpo", {}, settings);
    expect(pressure.lane(0, "pressure")[0]).toBeCloseTo(0.5 / (2 * 5), 8);
    expect(pressure.lane(1, "pressure")[0]).toBeCloseTo(-0.5 / (2 * 2), 8);
  });

  test("the KL loss pushes back by w · β · (1 − π_ref/π): k3 at d = ln 2", () => {
    const pressure = makeBatch([rollout(1, 4, logprobs), rollout(0, 1, logprobs)]).pressure(
      "drGrpo",
      {},
      { beta: 0.1 },
    );
    expect(pressure.lane(0, "kl")[0]).toBeCloseTo(0.5 - 1 + Math.LN2, 12);
    expect(pressure.lane(0, "klGradient")[0]).toBeCloseTo(0.5, 12);
    expect(pressure.lane(0, "klPressure")[0]).toBeCloseTo(-0.1 * 0.5 * (1 / 7), 12);
    expect(pressure.lane(0, "pressure")[0]).toBeCloseTo(0.5 / 7, 12);
    expect([...pressure.lane(0, "kl").subarray(4, 6)]).toEqual([NaN, NaN]);
  });

  test("the trainer's log-probabilities come before those of the rollout, unless one is asked for", () => {
    const one = rollout(1, 1, { ...logprobs, old_logprobs: () => -2 });
    const klOf = (settings: Record<string, unknown>): number =>
      makeBatch([one])
        .pressure("drGrpo", {}, { kl: "k1", ...settings })
        .lane(0, "kl")[0]!;
    expect([klOf({}), klOf({ policy: "logprobs" })]).toEqual([
      expect.closeTo(Math.LN2 - 1, 12),
      expect.closeTo(Math.LN2, 12),
    ]);
  });

  test("a rollout without reference log-probabilities says so and keeps the rest; others keep theirs", () => {
    const pressure = makeBatch([rollout(1, 1), rollout(0, 1, logprobs)]).pressure("drGrpo", {}, {});
    expect(pressure.missing(0)).toEqual(["token.logprobs", "token.ref_logprobs"]);
    expect(pressure.lane(0, "kl")[0]).toBeNaN();
    expect(pressure.lane(0, "pressure")[0]).toBeCloseTo(0.5 / 4, 12);
    expect(pressure.missing(1)).toEqual([]);
    const full = makeBatch([rollout(1, 1, { kl: () => 0.3 }), rollout(0, 1)]).pressure(
      "drGrpo",
      {},
      { kl: "full" },
    );
    expect([full.missing(0), full.lane(0, "kl")[0], full.missing(1)]).toEqual([[], 0.3, ["token.kl"]]);
    expect(full.lane(0, "klPressure")[0]).toBeNaN();
  });

  test("a rollout that the method leaves out, or that has no tokens, has no pressure and no share in the weights", () => {
    const text = member("g", [textTurn("assistant", "A.", -1)], { reward: 1 });
    const members = [rollout(1, 1), rollout(0, 1), rollout(NaN, 1), text];
    const pressure = makeBatch(members).pressure("drGrpo", {}, { kl: "none" });
    expect(members.map((_, r) => pressure.missing(r))).toEqual([
      [],
      [],
      ["trajectory.reward"],
      ["token.mask"],
    ]);
    expect(pressure.lane(2, "pressure")).toHaveLength(0);
    expect(pressure.turns(3)).toEqual([null]);
    expect(pressure.lane(0, "lossWeight")[0]).toBe(1 / 4);
  });

  test("a credit that is not finite gives a pressure that is not, and no other", () => {
    const members = [rollout(1, 1), { ...rollout(1, 1), groupKey: null }];
    const pressure = makeBatch(members).pressure("rloo", { singleton: "nan" }, { kl: "none" });
    expect(pressure.lane(0, "pressure")[0]).toBeNaN();
  });

  test("settings that do not exist or do not fit are refused", () => {
    const batch = makeBatch([rollout(1, 1)]);
    expect(() => batch.pressure("grpo", {}, { aggregation: "mean" })).toThrow(
      "pressure.aggregation takes one of",
    );
    expect(() => batch.pressure("grpo", {}, { lambda: 1 })).toThrow('pressure has no parameter "lambda"');
    expect(batch.pressure("grpo", {}, { preset: "released:openrlhf" }).params).toMatchObject({
      klClamp: "openrlhf",
      kl: "k1",
    });
  });

  const lengths = fc.array(
    fc.record({ reward: fc.constantFrom(0, 0.5, 1), n: fc.integer({ min: 1, max: 5 }) }),
    {
      minLength: 1,
      maxLength: 5,
    },
  );

  test("is weight times advantage for every method and aggregation, and moves with the advantage's scale", () => {
    fc.assert(
      fc.property(lengths, fc.constantFrom(...aggregations), (rollouts, aggregation) => {
        const pressuresOf = (scale: number): Float64Array[] => {
          const members = rollouts.map(({ reward, n }) => rollout(scale * reward, n));
          const pressure = makeBatch(members).pressure("drGrpo", {}, { aggregation, kl: "none" });
          return members.map((_, r) => {
            const [a, w, p] = (["advantage", "lossWeight", "pressure"] as const).map((name) =>
              pressure.lane(r, name),
            );
            p!.forEach((x, t) => expect(x).toEqual(w![t]! * a![t]!));
            return p!;
          });
        };
        const [plain, doubled] = [pressuresOf(1), pressuresOf(2)];
        plain.forEach((row, r) =>
          row.forEach((x, t) => {
            if (!Number.isNaN(x)) expect(doubled[r]![t]).toBeCloseTo(2 * x, 12);
          }),
        );
      }),
    );
  });

  test("a sum over tokens of equal weight a sequence leaves no net push on a group (Dr.GRPO, equal lengths)", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 0.5, 1), { minLength: 2, maxLength: 6 }), (rewards) => {
        const members = rewards.map((reward) => rollout(reward, 3));
        const pressure = makeBatch(members).pressure("drGrpo", {}, { kl: "none" });
        const all = members.flatMap((_, r) =>
          [...pressure.lane(r, "pressure")].filter((x) => !Number.isNaN(x)),
        );
        expect(Math.abs(all.reduce((a, b) => a + b, 0))).toBeLessThan(1e-12);
      }),
    );
  });
});
