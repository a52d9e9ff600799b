import fc from "fast-check";
import { expect, test } from "vitest";
import { nearest, nearestOfAttempts } from "../../../src/core/curve/nearest.ts";
import { segments } from "../../../src/core/curve/segments.ts";

const all = (steps: readonly number[]): { from: number; to: number } => ({ from: 0, to: steps.length });

test("the nearest point, the earlier step of two as near, the latest of a repeated step", () => {
  const steps = [10, 20, 20, 40];
  const at = (step: number): number => nearest(Float64Array.from(steps), step, all(steps));
  expect([at(0), at(14), at(15), at(16), at(20), at(30), at(31), at(99)]).toEqual([0, 0, 0, 2, 2, 2, 3, 3]);
});

test("an empty segment has none", () => {
  expect(nearest(new Float64Array(3), 1, { from: 1, to: 1 })).toBe(-1);
});

test("the latest attempt that reaches the step is asked", () => {
  const steps = Float64Array.from([0, 10, 20, 30, 10, 20]);
  const attempts = segments(steps);
  expect(nearestOfAttempts(steps, 19, attempts)).toBe(5);
  expect(nearestOfAttempts(steps, 29, attempts)).toBe(3);
  expect(nearestOfAttempts(steps, 99, attempts)).toBe(3);
  expect(nearestOfAttempts(steps, -5, attempts)).toBe(0);
});

test("no other point is nearer", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100), { minLength: 1 }), fc.integer({ min: -20, max: 120 }), (some, step) => {
      const steps = some.toSorted((a, b) => a - b);
      const found = steps[nearest(Float64Array.from(steps), step, all(steps))]!;
      expect(Math.abs(found - step)).toBe(Math.min(...steps.map((other) => Math.abs(other - step))));
    }),
  );
});
