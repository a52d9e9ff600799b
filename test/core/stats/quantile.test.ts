import * as fc from "fast-check";
import { expect, test } from "vitest";
import { meanOf, stdOf } from "../../../src/core/stats/moments.ts";
import { quantile } from "../../../src/core/stats/quantile.ts";

test("quantiles lie between neighbours as numpy's do", () => {
  // numpy.quantile([3, 1, 2, 10], q) for q = 0, 0.25, 0.5, 0.99, 1
  const of = (q: number): number => quantile(Float64Array.of(3, 1, 2, 10), q);
  expect([of(0), of(0.25), of(0.5), of(1)]).toEqual([1, 1.75, 2.5, 10]);
  expect(of(0.99)).toBeCloseTo(9.79, 12);
});

test("no values have no quantile, and one is all of them", () => {
  expect(quantile(new Float64Array(0), 0.5)).toBeNaN();
  expect([0, 0.5, 1].map((q) => quantile(Float64Array.of(7), q))).toEqual([7, 7, 7]);
});

test("a quantile grows with q and stays between the least and the most", () => {
  const values = fc.array(fc.integer(), { minLength: 1 });
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (numbers, q) => {
      const at = quantile(Float64Array.from(numbers), q);
      expect(at).toBeGreaterThanOrEqual(Math.min(...numbers));
      expect(at).toBeLessThanOrEqual(Math.max(...numbers));
      expect(quantile(Float64Array.from(numbers), q / 2)).toBeLessThanOrEqual(at);
    }),
  );
});

test("mean and spread are of the numbers that are there, the spread with n − 1", () => {
  expect([meanOf([1, NaN, 3]), stdOf([1, NaN, 3])]).toEqual([2, Math.SQRT2]);
  expect([meanOf([NaN]), stdOf([1, NaN]), stdOf([])]).toEqual([NaN, NaN, NaN]);
});
