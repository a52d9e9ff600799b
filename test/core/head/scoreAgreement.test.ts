import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  agreementLimits,
  type ScoreAgreement,
  scoreAgreement,
  verdictOf,
} from "../../../src/core/head/scoreAgreement.ts";

const numbers = (...x: readonly number[]): Float64Array => Float64Array.from(x);

describe("two columns", () => {
  test("by hand, with a threshold", () => {
    const exact = numbers(0.1, 0.4, 0.6, 0.9, NaN, 0.5, NaN);
    const other = numbers(0.2, 0.55, 0.6, 0.8, 0.3, NaN, NaN);
    // Four places have both. |Δ| = 0.1, 0.15, 0, 0.1; mean of the exact 0.5, squares 0.16, 0.01, 0.01, 0.16; 0.4 → 0.55 crosses.
    const found = scoreAgreement(exact, other, 0.5);
    expect(found).toMatchObject({
      compared: 4,
      onlyExact: 1,
      onlyOther: 1,
      boundary: 0.5,
      boundaryFrom: "threshold",
      crossed: 1,
    });
    expect(found.meanDifference).toBeCloseTo((0.1 + 0.15 + 0 + 0.1) / 4, 12);
    expect(found.largestDifference).toBeCloseTo(0.15, 12);
    expect(found.spread).toBeCloseTo(Math.sqrt((0.16 + 0.01 + 0.01 + 0.16) / 4), 12);
    expect(found.rankCorrelation).toBeCloseTo(1, 12);
  });

  test("by hand, with the median of what is compared; a number that equals it is high", () => {
    // 9 has no partner: the median of 1, 2, 2, 4 is 2. Of the partners 1.5, 2 and 1.9 the first stays low, the last falls.
    const found = scoreAgreement(numbers(1, 2, 2, 4, 9), numbers(1.5, 2, 1.9, 4, NaN), NaN);
    expect(found).toMatchObject({ boundary: 2, boundaryFrom: "median", crossed: 1, compared: 4 });
    // Ranks 0, 1.5, 1.5, 3 against 0, 2, 1, 3 (around 1.5): (2.25 + 0 + 0 + 2.25) / √(4.5 · 5).
    expect(found.rankCorrelation).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 12);
  });

  test("infinities are no numbers, and of nothing there is nothing to say", () => {
    expect(scoreAgreement(numbers(-Infinity, 1), numbers(0, Infinity), NaN)).toEqual({
      compared: 0,
      onlyExact: 1,
      onlyOther: 1,
      meanDifference: NaN,
      largestDifference: NaN,
      spread: NaN,
      boundary: NaN,
      boundaryFrom: "median",
      crossed: 0,
      rankCorrelation: NaN,
    });
  });

  /** Sums and doubles of these are exact, and some are equal. */
  const sixtyFourth = fc.integer({ min: -512, max: 512 }).map((x) => x / 64);
  const score = fc.oneof(sixtyFourth, fc.constant(NaN));
  const pairs = fc.array(fc.tuple(score, score), { minLength: 1, maxLength: 40 });
  const threshold = fc.oneof(fc.constant(NaN), sixtyFourth);
  const of = (rows: readonly (readonly [number, number])[], at: number): ScoreAgreement =>
    scoreAgreement(numbers(...rows.map(([a]) => a)), numbers(...rows.map(([, b]) => b)), at);

  test("every place is counted once, and the mean lies between 0 and the largest", () => {
    fc.assert(
      fc.property(pairs, threshold, (rows, at) => {
        const { compared, onlyExact, onlyOther, crossed, ...found } = of(rows, at);
        const neither = rows.filter(([a, b]) => Number.isNaN(a) && Number.isNaN(b)).length;
        expect(compared + onlyExact + onlyOther + neither).toBe(rows.length);
        expect(crossed).toBeLessThanOrEqual(compared);
        if (compared === 0) return;
        expect(found.meanDifference).toBeGreaterThanOrEqual(0);
        expect(found.meanDifference).toBeLessThanOrEqual(found.largestDifference * (1 + 1e-12));
      }),
    );
  });

  test("a column agrees with itself, and twice as large numbers agree as well", () => {
    fc.assert(
      fc.property(pairs, threshold, (rows, at) => {
        const same = of(
          rows.map(([a]) => [a, a]),
          at,
        );
        expect(same).toMatchObject({ onlyExact: 0, onlyOther: 0, crossed: 0 });
        if (same.compared > 0) expect([same.meanDifference, same.largestDifference]).toEqual([0, 0]);
        const [once, twice] = [
          of(rows, at),
          of(
            rows.map(([a, b]) => [2 * a, 2 * b]),
            2 * at,
          ),
        ];
        // Doubling is exact.
        expect(twice).toEqual({
          ...once,
          meanDifference: 2 * once.meanDifference,
          largestDifference: 2 * once.largestDifference,
          spread: 2 * once.spread,
          boundary: 2 * once.boundary,
        });
      }),
    );
  });

  test("neither the order of the places nor, with a threshold, the side matters", () => {
    fc.assert(
      fc.property(pairs, sixtyFourth, (rows, at) => {
        const [one, turned, swapped] = [
          of(rows, at),
          of(rows.toReversed(), at),
          of(
            rows.map(([a, b]) => [b, a]),
            at,
          ),
        ];
        expect([turned.compared, turned.crossed]).toEqual([one.compared, one.crossed]);
        expect(swapped).toMatchObject({
          compared: one.compared,
          crossed: one.crossed,
          onlyExact: one.onlyOther,
          onlyOther: one.onlyExact,
          largestDifference: one.largestDifference,
        });
      }),
    );
  });
});

describe("the verdict", () => {
  const right: ScoreAgreement = {
    compared: 200,
    onlyExact: 0,
    onlyOther: 0,
    meanDifference: 0.002,
    largestDifference: 0.05,
    spread: 0.2,
    boundary: 0.5,
    boundaryFrom: "threshold",
    crossed: 2,
    rankCorrelation: 0.999,
  };
  const holds = (change: Partial<ScoreAgreement>): boolean | null => verdictOf({ ...right, ...change }).holds;

  test("stands at both limits and falls beyond either", () => {
    expect(agreementLimits).toEqual({ crossed: 0.01, difference: 0.02, fewest: 100 });
    // 2 of 200 are 1 %; 0.004 of 0.2 are 2 %.
    expect(holds({})).toBe(true);
    expect(holds({ meanDifference: 0.004 })).toBe(true);
    expect(holds({ crossed: 3 })).toBe(false);
    expect(holds({ meanDifference: 0.0041 })).toBe(false);
    expect(verdictOf({ ...right, meanDifference: 0.0041 }).reason).toBe(
      "mean difference 2.1 % of the spread, more than 2 %",
    );
    expect(verdictOf({ ...right, crossed: 3 }).reason).toBe("1.5 % on the other side, more than 1 %");
  });

  test("a number that one side lacks counts as one on the other side", () => {
    expect(holds({ crossed: 1, onlyOther: 1, compared: 199 })).toBe(true);
    expect(holds({ crossed: 1, onlyExact: 1, onlyOther: 1, compared: 198 })).toBe(false);
    expect(holds({ compared: 0, onlyExact: 200, spread: NaN, meanDifference: NaN, crossed: 0 })).toBe(false);
  });

  test("is none of too few numbers, or of numbers that do not vary", () => {
    expect(holds({ compared: 99, crossed: 0 })).toBe(null);
    expect(holds({ compared: 100, crossed: 1 })).toBe(true);
    const constant = scoreAgreement(new Float64Array(300).fill(0.1), new Float64Array(300).fill(0.1), 0.5);
    expect(constant.spread).toBe(0);
    expect(verdictOf(constant)).toEqual({ holds: null, reason: "the exact numbers do not vary" });
  });
});
