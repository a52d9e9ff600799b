import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  averageMap,
  futureInfluence,
  headDistance,
  localAndGlobalHeads,
  sampledLayers,
  windowedDistance,
} from "../../../../src/core/credit/primitives/attentionMap.ts";

/** Rows are queries, padded with zeros after the diagonal. */
const map = new Float64Array([1, 0, 0, 0, 0.5, 0.5, 0, 0, 0.2, 0.3, 0.5, 0, 0.7, 0.1, 0.1, 0.1]);

function closeTo(actual: Float64Array, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((x, i) => expect(actual[i]).toBeCloseTo(x, 12));
}

describe("signals of attention maps", () => {
  test("WAAD with a window of 2: 0.5·1; 0.2·2 + 0.3·1; 0.7·2 + 0.1·2 + 0.1·1", () => {
    const waad = new Float64Array(4);
    windowedDistance(map, 4, 2, waad);
    closeTo(waad, [0, 0.5, 0.7, 1.7]);
  });

  test("FAI over the next one to two tokens: (0.5 + 0.2)/2, (0.3 + 0.1)/2, 0.1, none", () => {
    const fai = new Float64Array(4);
    futureInfluence(map, 4, { from: 1, to: 2 }, fai);
    closeTo(fai, [0.35, 0.2, 0.1, 0]);
  });

  test("a head's distance is the mean over all tokens: (0 + 0.5 + 0.7 + (2.1 + 0.2 + 0.1)) / 4", () => {
    expect(headDistance(map, 4)).toBeCloseTo((0 + 0.5 + 0.7 + 2.4) / 4, 12);
    expect(headDistance(new Float64Array(0), 0)).toBeNaN();
  });

  test("the lowest and highest 30 % of the heads, at least one", () => {
    const distances = [5, 1, 4, 2, 3, 9, 8, 7, 6, 0];
    expect(localAndGlobalHeads(distances)).toEqual({ local: [9, 1, 3], global: [7, 6, 5] });
    expect(localAndGlobalHeads([2, 1])).toEqual({ local: [1], global: [0] });
  });

  test("five layers evenly in the middle third", () => {
    expect(sampledLayers(36)).toEqual([12, 15, 18, 20, 23]);
    expect(sampledLayers(6)).toEqual([2, 3]);
    expect(sampledLayers(1)).toEqual([0]);
  });

  test("an average of a map with itself is the map", () => {
    const out = new Float64Array(16);
    averageMap([map, map], out);
    closeTo(out, [...map]);
  });

  test("WAAD is at most the window, and without a window the mean is the head's distance", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 16, maxLength: 16 }),
        (raw) => {
          const rows = Float64Array.from(raw, (x, i) => (i % 4 > Math.floor(i / 4) ? 0 : x + 0.01));
          for (let t = 0; t < 4; t++) {
            const sum = rows.subarray(t * 4, t * 4 + 4).reduce((a, b) => a + b, 0);
            for (let s = 0; s < 4; s++) rows[t * 4 + s]! /= sum;
          }
          const [clipped, full] = [new Float64Array(4), new Float64Array(4)];
          windowedDistance(rows, 4, 2, clipped);
          windowedDistance(rows, 4, 100, full);
          clipped.forEach((x) => expect(x).toBeLessThanOrEqual(2 + 1e-12));
          expect(full.reduce((a, b) => a + b, 0) / 4).toBeCloseTo(headDistance(rows, 4), 12);
        },
      ),
    );
  });
});
