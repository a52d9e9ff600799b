import * as fc from "fast-check";
import { expect, test } from "vitest";
import { pearson, spearman } from "../../../src/core/stats/correlation.ts";

test("Pearson by hand: covariance 1 over √(2 · 2/3)", () => {
  expect(pearson([1, 2, 3], [1, 1, 2])).toBeCloseTo(1 / Math.sqrt(2 * (2 / 3)), 12);
});

test("nothing to say of one pair, of a column that does not vary, or of numbers that are none", () => {
  for (const [x, y] of [
    [[1], [2]],
    [
      [1, 2],
      [3, 3],
    ],
    [
      [1, NaN],
      [1, 2],
    ],
  ] as const)
    expect([pearson(x, y), spearman(x, y)]).toEqual([NaN, NaN]);
});

test("Spearman takes ties at their mean rank, and sees only the order", () => {
  // Ranks 0.5, 0.5, 2 against 0, 1, 2.
  expect(spearman([1, 1, 5], [1, 2, 3])).toBeCloseTo(1.5 / Math.sqrt(1.5 * 2), 12);
  const numbers = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 3, maxLength: 9 });
  fc.assert(
    fc.property(numbers, (x) => {
      // Doubling is exact, so that no two numbers become one.
      const doubled = x.map((one) => (one < 0 ? 2 * one : 4 * one));
      const rho = spearman(x, doubled);
      if (!Number.isNaN(rho)) expect(rho).toBeCloseTo(1, 9);
    }),
  );
});
