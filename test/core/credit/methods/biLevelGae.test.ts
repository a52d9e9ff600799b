import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AvailableCredit } from "../../../../src/core/credit/credit.ts";
import type { BatchCredit, BatchMember } from "../../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../../src/core/credit/engine.ts";
import { member, turnOf } from "../trajectories.ts";

/** A rollout of two turns with a tool's between them; rewards by token. */
function rollout(first: number[], second: number[], fields: { values?: number[][] } = {}): BatchMember {
  const [a = first.map(() => 0.5), b = second.map(() => 0.5)] = fields.values ?? [];
  return member("g", [
    turnOf("user", 1),
    turnOf("assistant", first.length, { columns: { rewards: first, values: a } }),
    turnOf("tool", 2),
    turnOf("assistant", second.length, { columns: { rewards: second, values: b } }),
  ]);
}

function run(members: readonly BatchMember[], params: Record<string, unknown> = {}): BatchCredit {
  return makeBatch(members).credit("biLevelGae", { stage: "raw", ...params });
}

const discounts = { gamma: 0.5, turnGamma: 0.9, lambda: 0.5 };

describe("bi-level GAE", () => {
  const one = rollout([0, 0.5], [1], { values: [[0.5, 0.25], [0.75]] });

  test("by hand: the turns first, then the tokens of each with the turn's return as reward", () => {
    const second = 1 - 0.75;
    const first = 0.5 + 0.9 * 0.75 - 0.25 + 0.9 * 0.5 * second;
    const start = 0 + 0.5 * 0.25 - 0.5 + 0.5 * 0.5 * first;
    const of = run([one], discounts);
    expect([...of.lane(0, "raw")]).toEqual([start, first, 0, 0, second].map((x) => expect.closeTo(x, 12)));
    expect([...of.lane(0, "returns")]).toEqual(
      [start + 0.5, first + 0.25, 0, 0, 1].map((x) => expect.closeTo(x, 12)),
    );
  });

  test("a turn with reward 0 melts into the next one, unless turns are taken as logged", () => {
    const silent = rollout([0, 0], [1], { values: [[0.5, 0.25], [0.75]] });
    const end = 1 - 0.75;
    // Over both turns: token 1 sees the value of token 4 behind the tool.
    const melted = 0.5 * 0.75 - 0.25 + 0.5 * 0.5 * end;
    expect(run([silent], discounts).lane(0, "raw")[1]).toBeCloseTo(melted, 12);
    const own = 0.9 * 0.75 - 0.25 + 0.9 * 0.5 * end;
    expect(run([silent], { ...discounts, turnEnds: "turns" }).lane(0, "raw")[1]).toBeCloseTo(own, 12);
  });

  test("a rollout whose last token has no reward has no credit as released, and leaves the others theirs", () => {
    const failed = rollout([0, 0.5], [0]);
    const whitened = makeBatch([one, failed]).credit("biLevelGae", {});
    expect(whitened.credit(1)).toMatchObject({ flags: ["mask-holes", "non-finite"] });
    const kept = whitened.credit(0) as AvailableCredit;
    const alone = makeBatch([one]).credit("biLevelGae", {}).credit(0) as AvailableCredit;
    expect(kept.turns).toEqual(alone.turns);
    const turns = makeBatch([one, failed]).credit("biLevelGae", { preset: "turns" });
    expect(turns.credit(1)).toMatchObject({ flags: ["mask-holes"] });
  });

  test("turns as logged carry the environment's rewards, whether at tokens or at turns", () => {
    const atTurns = member("g", [
      turnOf("assistant", 2, { columns: { values: [0.5, 0.25] } }),
      { ...turnOf("tool", 2), reward: 0.5 },
      { ...turnOf("assistant", 1, { columns: { values: [0.75] } }), reward: 1 },
    ]);
    const params = { ...discounts, turnEnds: "turns" };
    expect([...run([atTurns], params).lane(0, "raw")]).toEqual([...run([one], params).lane(0, "raw")]);
  });

  test("the reward of a turn without trained tokens goes to the turn before it", () => {
    const silenced = member("g", [
      turnOf("assistant", 1, { columns: { values: [0.5] } }),
      { ...turnOf("assistant", 1, { mask: [0], columns: { values: [9] } }), reward: 2 },
    ]);
    const of = run([silenced], { turnEnds: "turns" });
    expect([...of.lane(0, "raw")]).toEqual([2 - 0.5, 0]);
  });

  test("needs values and rewards, and says which it lacks", () => {
    const bare = makeBatch([member("g", [turnOf("assistant", 1)])])
      .credit("biLevelGae", {})
      .credit(0);
    expect(bare).toMatchObject({ status: "unavailable", missing: ["trajectory.reward", "token.values"] });
  });

  const numbers = (n: number): fc.Arbitrary<number[]> =>
    fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: n, maxLength: n });
  const reward = fc.double({ min: 0.1, max: 1, noNaN: true });

  test("undiscounted and with λ = 1, every token's return is what its turn and the later ones earn", () => {
    fc.assert(
      fc.property(numbers(2), numbers(3), reward, reward, (a, b, first, last) => {
        const made = rollout([0, first], [0, 0, last], { values: [a, b] });
        const of = run([made], { gamma: 1, turnGamma: 1, lambda: 1 });
        const returns = of.lane(0, "returns");
        for (const t of [0, 1]) expect(returns[t]).toBeCloseTo(first + last, 9);
        for (const t of [4, 5, 6]) expect(returns[t]).toBeCloseTo(last, 9);
      }),
    );
  });

  test("with one turn and equal discounts it is GAE", () => {
    fc.assert(
      fc.property(numbers(4), reward, fc.double({ min: 0, max: 1, noNaN: true }), (values, last, lambda) => {
        const made = [
          member("g", [turnOf("assistant", 4, { columns: { rewards: [0, 0, 0, last], values } })]),
        ];
        const gae = makeBatch(made).credit("gae", { stage: "raw", gamma: 0.9, lambda });
        const own = run(made, { gamma: 0.9, turnGamma: 0.9, lambda });
        own.lane(0, "raw").forEach((x, t) => expect(x).toBeCloseTo(gae.lane(0, "raw")[t]!, 9));
      }),
    );
  });
});
