import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BatchMember } from "../../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../../src/core/credit/engine.ts";
import { textTurn } from "../../../../src/core/rollout/textTrajectory.ts";
import type { StepSpans } from "../../../../src/core/rollout/stepSpans.ts";
import { member } from "../trajectories.ts";

/** A solution of one-letter steps. */
function solution(
  letters: string,
  success: boolean | null,
  group = "g",
  nodes?: readonly number[],
): BatchMember {
  const steps: StepSpans = {
    n: letters.length,
    start: Int32Array.from(letters, (_, k) => k),
    end: Int32Array.from(letters, (_, k) => k + 1),
    source: "logged",
    columns: new Map(nodes === undefined ? [] : [["node", Float64Array.from(nodes)]]),
    extra: new Map(),
  };
  return member(group, [{ ...textTurn("assistant", letters, -1), steps }], { success });
}

function creditsOf(members: readonly BatchMember[], params: Record<string, unknown> = {}): number[][] {
  const run = makeBatch(members).credit("restMcts", params);
  return members.map((_, r) => [...run.lane(r, "credit")]);
}

function expectNear(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((x, i) => expect(x).toBeCloseTo(expected[i]!, 12));
}

describe("ReST-MCTS*", () => {
  test("values rise by 1/m of what is left along the way to a right end, and fall to 0 beside it", () => {
    const [right, wrong] = creditsOf([solution("abc", true), solution("xy", false)]);
    expectNear(right!, [1 / 3, 2 / 3, 1]);
    expectNear(wrong!, [0, 0]);
  });

  test("a wrong branch takes m from where it leaves: 1/3 − (2/3)/3", () => {
    const members = [solution("efg", true), solution("eh", false)];
    const [, wrong] = creditsOf(members);
    expectNear(wrong!, [1 / 3, 1 / 3 - 2 / 9]);
    expectNear(creditsOf(members, { form: "difference" })[1]!, [1 / 3, -2 / 9]);
  });

  test("m counts to the nearest right end", () => {
    const [short, long] = creditsOf([solution("ab", true), solution("acd", true)]);
    expectNear(short!, [1 / 2, 1]);
    expectNear(long!, [1 / 2, 3 / 4, 1]);
  });

  test("the route goes to the first right end; what hangs below a branch beside it has no value", () => {
    const members = [solution("abc", true), solution("abwv", false), solution("z", false)];
    const [right, beside, apart] = creditsOf(members, { form: "route" });
    expectNear(right!, [1 / 3, 2 / 3, 1]);
    expect(beside!.map((x) => +x.toFixed(9))).toEqual([0.333333333, 0.666666667, 0.333333333, NaN]);
    expect(apart).toEqual([0]);
  });

  test("groups do not share a tree; one without a right solution has no values, which is said", () => {
    const members = [solution("ab", false, "one"), solution("ab", true, "two")];
    expect(creditsOf(members)).toEqual([
      [NaN, NaN],
      [1 / 2, 1],
    ]);
    expect(makeBatch(members).credit("restMcts", {}).credit(0)).toMatchObject({
      flags: ["singleton", "non-finite"],
    });
  });

  test("nodes that the log numbers part steps of equal text", () => {
    const members = [solution("ab", true, "g", [1, 2]), solution("ac", false, "g", [3, 4])];
    expectNear(creditsOf(members)[1]!, [1 / 2, 1 / 4]);
    expectNear(creditsOf(members, { tree: "node" })[1]!, [0, 0]);
    expect(makeBatch([solution("a", null)]).missing(0, "restMcts")).toEqual(["trajectory.success"]);
  });

  const batch = fc.array(
    fc.tuple(fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 5 }), fc.boolean()),
    { minLength: 1, maxLength: 6 },
  );

  test("values lie in [0, 1], are 1 at right ends, and agree where solutions share their steps", () => {
    fc.assert(
      fc.property(batch, (solutions) => {
        const credits = creditsOf(solutions.map(([letters, success]) => solution(letters, success)));
        const known = new Map<string, number>();
        solutions.forEach(([letters, success], r) => {
          credits[r]!.forEach((value, k) => {
            const prefix = letters.slice(0, k + 1);
            if (known.has(prefix)) expect(value).toBe(known.get(prefix));
            known.set(prefix, value);
            if (Number.isNaN(value)) return;
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThanOrEqual(1);
          });
          if (success) expect(credits[r]!.at(-1)).toBe(1);
        });
      }),
    );
  });

  test("differences telescope to the last value", () => {
    fc.assert(
      fc.property(batch, (solutions) => {
        const members = solutions.map(([letters, success]) => solution(letters, success));
        const values = creditsOf(members);
        creditsOf(members, { form: "difference" }).forEach((own, r) => {
          const sum = own.reduce((a, b) => a + b, 0);
          if (!Number.isNaN(sum)) expect(sum).toBeCloseTo(values[r]!.at(-1)!, 9);
        });
      }),
    );
  });
});
