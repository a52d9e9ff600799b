import fc from "fast-check";
import { expect, test } from "vitest";
import { smooth } from "../../../src/core/curve/smooth.ts";

function smoothed(values: readonly number[], weight: number, steps = values.map((_, i) => i)): number[] {
  const out = new Float64Array(values.length);
  smooth(Float64Array.from(steps), Float64Array.from(values), weight, out);
  return [...out];
}

test("the average is divided by 1 − wⁿ, as worked out by hand", () => {
  // s: 1·½ = 0.5; 0.25 + 1.5 = 1.75; 0.875 + 1 = 1.875 over 0.5, 0.75, 0.875.
  expect(smoothed([1, 3, 2], 0.5)).toEqual([1, 1.75 / 0.75, 1.875 / 0.875]);
});

test("a NaN stays at its place and is left out of the average", () => {
  const [a, gap, b] = smoothed([1, NaN, 3], 0.5);
  expect([a, b]).toEqual(smoothed([1, 3], 0.5));
  expect(gap).toBeNaN();
});

test("an infinity gives NaN and poisons nothing", () => {
  expect(smoothed([1, Infinity, 3], 0.5)[2]).toBe(smoothed([1, 3], 0.5)[1]);
});

test("a constant series passes unchanged, gaps or not", () => {
  expect(smoothed([0.1, 0.1, NaN, 0.1], 0.99)).toEqual([0.1, 0.1, NaN, 0.1]);
});

test("the average starts anew where the step goes back", () => {
  expect(smoothed([1, 3, 7, 9], 0.5, [0, 1, 0, 1])).toEqual([
    ...smoothed([1, 3], 0.5),
    ...smoothed([7, 9], 0.5),
  ]);
});

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const weight = fc.double({ min: 0, max: 0.99, noNaN: true });

test("weight 0 changes nothing", () => {
  fc.assert(
    fc.property(fc.array(finite), (values) => {
      expect(smoothed(values, 0)).toEqual(values);
    }),
  );
});

test("a smoothed value lies between the lowest and the highest so far", () => {
  fc.assert(
    fc.property(fc.array(finite, { minLength: 1 }), weight, (values, w) => {
      for (const [i, x] of smoothed(values, w).entries()) {
        const seen = values.slice(0, i + 1);
        const slack = 1e-6 * Math.max(1, ...seen.map(Math.abs));
        expect(x).toBeGreaterThanOrEqual(Math.min(...seen) - slack);
        expect(x).toBeLessThanOrEqual(Math.max(...seen) + slack);
      }
    }),
  );
});

test("points that are appended change none before them", () => {
  fc.assert(
    fc.property(fc.array(finite, { minLength: 2 }), finite, weight, (values, more, w) => {
      // A constant series is shown as it is; it is smoothed once it moves, which is what its reader wants.
      fc.pre(new Set(values).size > 1);
      expect(smoothed([...values, more], w).slice(0, -1)).toEqual(smoothed(values, w));
    }),
  );
});
