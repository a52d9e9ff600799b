import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { estimateKl, type KlClamp, type KlEstimator } from "../../../../src/core/credit/primitives/kl.ts";

function klOf(d: number, estimator: KlEstimator, clamp: KlClamp = "verl"): { kl: number; slope: number } {
  const out = { kl: new Float64Array(1), slope: new Float64Array(1) };
  const columns = { logprob: Float64Array.of(d), refLogprob: Float64Array.of(0) };
  estimateKl(columns, { estimator, clamp }, out);
  return { kl: out.kl[0]!, slope: out.slope[0]! };
}

describe("KL estimators", () => {
  test("by hand at d = ln 2: k1 ln 2, k2 half its square, k3 1/2 − 1 + ln 2", () => {
    const d = Math.LN2;
    expect(klOf(d, "k1")).toEqual({ kl: d, slope: 1 });
    expect(klOf(-d, "abs")).toEqual({ kl: d, slope: -1 });
    expect(klOf(d, "k2")).toEqual({ kl: (d * d) / 2, slope: d });
    expect(klOf(d, "k3").kl).toBeCloseTo(0.5 - 1 + d, 14);
    expect(klOf(d, "k3").slope).toBeCloseTo(1 - 0.5, 14);
  });

  test("the trainers' other names are the same estimators", () => {
    for (const [name, same] of [
      ["kl", "k1"],
      ["mse", "k2"],
      ["low_var_kl", "k3"],
    ] as const)
      expect(klOf(0.7, name)).toEqual(klOf(0.7, same));
  });

  test("with + the value is the estimator's, the gradient that of k2", () => {
    expect(klOf(0.7, "k3+")).toEqual({ kl: klOf(0.7, "k3").kl, slope: 0.7 });
    expect(klOf(0.7, "k1+")).toEqual({ kl: 0.7, slope: 0.7 });
    expect(klOf(0.7, "k2+")).toEqual(klOf(0.7, "k2"));
    expect(klOf(0.7, "mse+")).toEqual(klOf(0.7, "k2"));
  });

  test("bounds: verl's hold k3 alone, OpenRLHF's every estimator, and a held value has no gradient", () => {
    expect(klOf(-39.9, "k3")).toEqual({ kl: 10, slope: 0 });
    expect(klOf(39.9, "k3")).toEqual({ kl: 10, slope: 0 });
    expect(klOf(39.9, "k1")).toEqual({ kl: 39.9, slope: 1 });
    expect(klOf(39.9, "k1", "openrlhf")).toEqual({ kl: 10, slope: 0 });
    expect(klOf(-39.9, "k1", "openrlhf").kl).toBe(-10);
    expect(klOf(39.9, "k3", "none").kl).toBeCloseTo(38.9, 9);
    // Within verl's exponent (19 < 20) but not its result: e^−19 − 1 + 19 > 10.
    expect(klOf(19, "k3")).toEqual({ kl: 10, slope: 0 });
  });

  test("NaN stays NaN, also where it would be bounded", () => {
    for (const estimator of ["k1", "abs", "k2", "k3", "k3+"] as const)
      for (const clamp of ["verl", "openrlhf", "none"] as const)
        expect(klOf(NaN, estimator, clamp)).toEqual({ kl: NaN, slope: NaN });
  });

  test("k2, k3 and abs are never negative, and all are 0 where the policies agree", () => {
    fc.assert(
      fc.property(fc.double({ min: -60, max: 60, noNaN: true }), (d) => {
        for (const clamp of ["verl", "openrlhf", "none"] as const)
          for (const estimator of ["k2", "k3", "abs"] as const)
            expect(klOf(d, estimator, clamp).kl).toBeGreaterThanOrEqual(-1e-12);
      }),
    );
    for (const estimator of ["k1", "k2", "k3", "abs"] as const) expect(klOf(0, estimator).kl).toBe(0);
  });

  test("the slope is the derivative of the value, where no bound holds", () => {
    fc.assert(
      fc.property(fc.double({ min: -2, max: 5, noNaN: true }), (d) => {
        const h = 1e-5;
        if (Math.abs(d) < 2 * h) return;
        for (const estimator of ["k1", "k2", "k3", "abs"] as const) {
          const rise = klOf(d + h, estimator).kl - klOf(d - h, estimator).kl;
          expect(Math.abs(klOf(d, estimator).slope - rise / (2 * h))).toBeLessThan(1e-6);
        }
      }),
    );
  });
});
