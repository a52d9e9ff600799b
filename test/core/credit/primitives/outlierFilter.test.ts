import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  keepInside,
  type OutlierBounds,
  preClip,
  standardize,
} from "../../../../src/core/credit/primitives/outlierFilter.ts";

const paper: OutlierBounds = { bounds: "centred", width: 3, extreme: 10, offset: 0, nonFinite: "leftOut" };

function filter(x: readonly number[], bounds: OutlierBounds): { z: number[]; kept: number[] } {
  const [z, kept] = [new Float64Array(x.length), new Float64Array(x.length)];
  const { mean } = standardize(Float64Array.from(x), new Uint8Array(x.length).fill(1), bounds, z);
  keepInside(z, mean, bounds, kept);
  return { z: [...z], kept: [...kept] };
}

test("the paper's filter does not change when all numbers are moved or stretched together", () => {
  const numbers = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 3, maxLength: 30 });
  fc.assert(
    fc.property(numbers, fc.integer({ min: -9, max: 9 }), (x, c) => {
      if (new Set(x).size === 1) return;
      const plain = filter(x, paper);
      if (plain.z.some((z) => Math.abs(Math.abs(z) - 3) < 1e-6)) return;
      expect(
        filter(
          x.map((y) => 2 * y + c),
          paper,
        ).kept,
      ).toEqual(plain.kept);
    }),
  );
});

test("at most one ninth of the numbers lies three deviations out (Chebyshev)", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1 }), (x) => {
      expect(filter(x, paper).kept.filter((k) => k === 0).length).toBeLessThanOrEqual(x.length / 9);
    }),
  );
});

test("a missing number stays missing and rules no other; released, it sets all to 0", () => {
  expect(filter([1, NaN, 3], paper)).toEqual({ z: [-1, NaN, 1], kept: [1, NaN, 1] });
  expect(filter([1, NaN, 3], { ...paper, nonFinite: "zero" }).kept).toEqual([0, 0, 0]);
  expect(filter([1, Infinity, 3], paper).kept).toEqual([1, 0, 1]);
});

test("Pre-CLIP bounds the log-ratio at the logarithms of 1e-3 and 1e3", () => {
  expect([preClip(-20), preClip(0.5), preClip(20)]).toEqual([Math.log(1e-3), 0.5, Math.log(1e3)]);
  expect(preClip(NaN)).toBeNaN();
});
