import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  centre,
  maskedMoments,
  whiten,
  whitenPopulation,
} from "../../../../src/core/credit/primitives/whiten.ts";

const mask = Uint8Array.of(1, 1, 0, 1);

describe("whitening over the trained tokens", () => {
  test("by hand: mean 2, variance 7 over n − 1 and 14/3 over n, the masked 100 is not read but is moved too", () => {
    const x = Float64Array.of(0, 1, 100, 5);
    const out = new Float64Array(4);
    expect(maskedMoments(x, mask).variance).toBeCloseTo(7, 6);
    expect(maskedMoments(x, mask, "biased").variance).toBeCloseTo(14 / 3, 6);
    expect(whiten(x, mask, out)).toMatchObject({ n: 3 });
    expect(out[3]).toBeCloseTo(3 / Math.sqrt(7), 7);
    expect(out[2]).toBeCloseTo(98 / Math.sqrt(7), 6);
    expect(whitenPopulation(x, mask, out)).toEqual({ n: 3, mean: 2, variance: 14 / 3 });
    expect(out[0]).toBeCloseTo(-2 / Math.sqrt(14 / 3), 12);
    expect(centre(x, mask, out)).toEqual({ n: 3, mean: 2, variance: 1 });
    expect([...out]).toEqual([-2, -1, 98, 3]);
  });

  test("the mean can be kept", () => {
    const x = Float64Array.of(0, 1, 100, 5);
    const [plain, kept] = [new Float64Array(4), new Float64Array(4)];
    const { mean } = whiten(x, mask, plain);
    whiten(x, mask, kept, "mean");
    for (let t = 0; t < 4; t++) expect(kept[t]).toBeCloseTo(plain[t]! + mean, 12);
  });

  test("a NaN outside the mask is never read; one inside makes all NaN; one entry has no variance", () => {
    const out = new Float64Array(4);
    whiten(Float64Array.of(0, 1, NaN, 5), mask, out);
    expect([Number.isNaN(out[2]!), Number.isNaN(out[0]!)]).toEqual([true, false]);
    whiten(Float64Array.of(0, NaN, 1, 5), mask, out);
    expect([...out].every(Number.isNaN)).toBe(true);
    expect(maskedMoments(Float64Array.of(3), Uint8Array.of(1))).toEqual({ n: 1, mean: 3, variance: 0 });
    expect(whiten(Float64Array.of(7, 3, 7, 7), Uint8Array.of(0, 1, 0, 0), out)).toMatchObject({ n: 1 });
    expect(out.map(Math.abs)).toEqual(new Float64Array(4));
  });

  test("does not change when all numbers are moved or stretched together", () => {
    const numbers = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(
        numbers,
        fc.double({ min: 0.5, max: 4, noNaN: true }),
        fc.integer({ min: -5, max: 5 }),
        (x, k, c) => {
          const all = new Uint8Array(x.length).fill(1);
          if (maskedMoments(Float64Array.from(x), all).variance < 1e-3) return;
          const of = (y: readonly number[]): Float64Array => {
            const out = new Float64Array(y.length);
            whitenPopulation(Float64Array.from(y), all, out);
            return out;
          };
          const [plain, moved] = [of(x), of(x.map((y) => k * y + c))];
          plain.forEach((y, t) => expect(Math.abs(moved[t]! - y)).toBeLessThan(1e-9));
          expect(Math.abs(plain.reduce((a, b) => a + b, 0))).toBeLessThan(1e-9);
        },
      ),
    );
  });
});
