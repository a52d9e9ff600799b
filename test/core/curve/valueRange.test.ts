import fc from "fast-check";
import { expect, test } from "vitest";
import { linearRange, logRange, logTicks, tickLabel } from "../../../src/core/curve/valueRange.ts";

test("an axis leaves a little room, and has height where all values are the same", () => {
  expect(linearRange(0, 100)).toEqual({ low: -6, high: 106 });
  expect(linearRange(0, 0)).toEqual({ low: -0.5, high: 0.5 });
  expect(linearRange(-5e-324, -5e-324)).toEqual({ low: -0.5, high: 0.5 });
  expect(linearRange(-2, -2)).toEqual({ low: -2.2, high: -1.8 });
  expect(linearRange(NaN, NaN)).toEqual({ low: 0, high: 1 });
});

test("a logarithmic axis stays above 0", () => {
  const { low, high } = logRange(0.001, 1000);
  expect(low).toBeCloseTo(10 ** -3.36, 6);
  expect(high).toBeCloseTo(10 ** 3.36, 3);
  expect(logRange(NaN, NaN)).toEqual({ low: 0.1, high: 10 });
});

test("the axis always holds the values and is never empty", () => {
  const finite = fc.double({ min: -1e9, max: 1e9, noNaN: true });
  fc.assert(
    fc.property(finite, finite, (a, b) => {
      const [min, max] = [Math.min(a, b), Math.max(a, b)];
      const { low, high } = linearRange(min, max);
      expect(low).toBeLessThanOrEqual(min);
      expect(high).toBeGreaterThanOrEqual(max);
      expect(high).toBeGreaterThan(low);
    }),
  );
});

test("a tick has the decimals that tell it from the next", () => {
  expect(tickLabel(0.5, 0.1)).toBe("0.5");
  expect(tickLabel(425.02, 0.01)).toBe("425.02");
  expect(tickLabel(-3, 1)).toBe("−3");
  expect(tickLabel(1e-19, 0.2)).toBe("0");
  expect(tickLabel(0.000002, 0.000001)).toBe("2e−6");
  expect(tickLabel(2_500_000, 500_000)).toBe("2.5e6");
});

test("a logarithmic axis is labelled at powers of ten, or more finely where it is short", () => {
  expect(logTicks({ low: 0.0005, high: 2000 })).toEqual([0.01, 1, 100]);
  expect(logTicks({ low: 0.9, high: 40 })).toEqual([1, 2, 5, 10, 20]);
  expect(logTicks({ low: 0.32, high: 0.81 }).map((tick) => tick.toFixed(1))).toEqual(["0.4", "0.6", "0.8"]);
});
