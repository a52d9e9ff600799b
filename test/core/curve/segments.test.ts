import fc from "fast-check";
import { expect, test } from "vitest";
import { segments } from "../../../src/core/curve/segments.ts";

test("a series splits where its step goes back, not where it repeats", () => {
  expect(segments(Float64Array.from([0, 1, 2, 2, 1, 2, 3]))).toEqual([
    { from: 0, to: 4 },
    { from: 4, to: 7 },
  ]);
});

test("an empty series has no segment", () => {
  expect(segments(new Float64Array(0))).toEqual([]);
});

test("segments follow each other, cover all points, and never go back", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { minLength: 1 }), (steps) => {
      const found = segments(Float64Array.from(steps));
      expect(found[0]!.from).toBe(0);
      expect(found.at(-1)!.to).toBe(steps.length);
      for (const [k, { from, to }] of found.entries()) {
        expect(to).toBeGreaterThan(from);
        expect(steps.slice(from, to)).toEqual(steps.slice(from, to).toSorted((a, b) => a - b));
        if (k > 0) expect(found[k - 1]!.to).toBe(from);
      }
    }),
  );
});
