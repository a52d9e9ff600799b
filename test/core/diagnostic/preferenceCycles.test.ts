import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { preferenceCycles } from "../../../src/core/diagnostic/metrics/preferenceCycles.ts";
import {
  intransitiveTriples,
  preferenceMatrix,
  winRates,
} from "../../../src/core/diagnostic/preferenceMatrix.ts";
import { textTrajectory, textTurn } from "../../../src/core/rollout/textTrajectory.ts";

const ids = ["rock", "paper", "scissors"];
const circle = [{ scissors: 0.9 }, { rock: 0.8 }, { paper: 0.7 }];

describe("preferences", () => {
  test("a direction that is not logged is the complement of the other", () => {
    const matrix = preferenceMatrix(ids, circle).map((row) => [...row]);
    expect(matrix[0]![1]).toBeCloseTo(0.2, 12);
    expect(matrix[0]![0]).toBeNaN();
    expect(winRates(preferenceMatrix(ids, circle))[0]).toBeCloseTo((0.2 + 0.9) / 2, 12);
    expect(winRates(preferenceMatrix(["a", "b"], [{}, {}]))).toEqual([NaN, NaN]);
  });

  test("rock, paper and scissors beat each other in a circle", () => {
    expect(intransitiveTriples(preferenceMatrix(ids, circle))).toEqual({ compared: 1, cycles: [[0, 2, 1]] });
    const draw = [{ paper: 0.5, scissors: 0.9 }, { scissors: 0.1 }, {}];
    expect(intransitiveTriples(preferenceMatrix(ids, draw))).toEqual({ compared: 1, cycles: [] });
    expect(intransitiveTriples(preferenceMatrix(ids, [{ paper: 1 }, {}, {}]))).toEqual({
      compared: 0,
      cycles: [],
    });
  });

  test("preferences that come from one number each have no circle", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 3, maxLength: 6 }),
        (scores) => {
          const names = scores.map((_, i) => `y${i}`);
          const own = scores.map((a) =>
            Object.fromEntries(scores.map((b, j) => [names[j]!, 1 / (1 + Math.exp(b - a))] as const)),
          );
          expect(intransitiveTriples(preferenceMatrix(names, own)).cycles).toEqual([]);
        },
      ),
    );
  });
});

describe("the metric preferenceCycles", () => {
  const measure = (preferences: readonly (Record<string, number> | null)[]) =>
    preferenceCycles.measure({ alarm: 0.1 }).batch({
      run: "run",
      trainStep: 3,
      split: "train",
      members: preferences.map((own, i) => ({
        trajectory: {
          ...textTrajectory(ids[i]!, [textTurn("assistant", "y", -1)]),
          group: "g",
          extra: new Map(own === null ? [] : [["preferences", own]]),
        },
        groupKey: "g",
      })),
    });

  test("tells the share of circles of each group, and which they are", () => {
    const [one] = measure(circle);
    expect(one).toMatchObject({
      scope: { run: "run", train_step: 3, group: "g" },
      value: 1,
      alarm: true,
      evidence: { compared: 1, cycles: [["rock", "scissors", "paper"]] },
    });
  });

  test("says what is missing where nothing is logged", () => {
    expect(measure([null, null])).toMatchObject([{ value: NaN, missing: ["trajectory.preferences"] }]);
  });
});
