import fc from "fast-check";
import { expect, test } from "vitest";
import { binWidth, decimate, penUp, type Window } from "../../../src/core/curve/decimate.ts";

function picked(values: readonly number[], window: Partial<Window> = {}): number[] {
  const steps = Float64Array.from(values, (_, i) => i);
  const segment = { from: 0, to: values.length };
  const whole = { low: 0, high: Math.max(1, values.length - 1), columns: 4 };
  return [...decimate(steps, Float64Array.from(values), segment, { ...whole, ...window })];
}

test("few points are all drawn, the pen lifted at a NaN", () => {
  expect(picked([1, 2, NaN, 4])).toEqual([0, 1, penUp, 3]);
});

test("of a column of pixels the lowest and the highest value are drawn, in their order", () => {
  const values = [0, 5, 1, 9, 2, 3, 8, 0, 4, 4, 4, 4, 1, 2, 3, 4];
  // 16 points in 4 bins of 4 steps: ends 0 and 15; [1..3]: 1→1 at 2, 9 at 3; [4..7]: 8 at 6, 0 at 7; …
  expect(picked(values)).toEqual([0, 2, 3, 6, 7, 8, 12, 14, 15]);
});

test("neighbours just outside the window are kept", () => {
  expect(picked([0, 1, 2, 3, 4, 5], { low: 2.5, high: 3.5 })).toEqual([2, 3, 4]);
});

test("a window beyond the series still draws the line that leads there", () => {
  expect(picked([0, 1, 2], { low: 5, high: 9 })).toEqual([2]);
});

test("bins are powers of two", () => {
  expect(binWidth({ low: 0, high: 1000, columns: 300 })).toBe(4);
  expect(binWidth({ low: 7, high: 7, columns: 300 })).toBe(1);
});

const value = fc.oneof(
  { weight: 9, arbitrary: fc.double({ min: -100, max: 100, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity) },
);
const series = fc.array(value, { minLength: 40, maxLength: 300 });

test("no extreme is lost, no point appears twice, none that is not finite is drawn", () => {
  fc.assert(
    fc.property(series, (values) => {
      const drawn = picked(values).filter((i) => i !== penUp);
      expect(drawn).toEqual([...new Set(drawn)].toSorted((a, b) => a - b));
      const finite = values.filter(Number.isFinite);
      expect(drawn.every((i) => Number.isFinite(values[i]))).toBe(true);
      if (finite.length === 0) return;
      const shown = drawn.map((i) => values[i]!);
      expect(Math.max(...shown)).toBe(Math.max(...finite));
      expect(Math.min(...shown)).toBe(Math.min(...finite));
    }),
  );
});

test("the line never crosses a NaN", () => {
  fc.assert(
    fc.property(series, (values) => {
      const drawn = picked(values);
      for (let k = 1; k < drawn.length; k++) {
        if (drawn[k] === penUp || drawn[k - 1] === penUp) continue;
        expect(values.slice(drawn[k - 1], drawn[k]).every(Number.isFinite)).toBe(true);
      }
    }),
  );
});

test("points that are appended outside the window move none inside it", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, min: -9, max: 9 }), { minLength: 60 }), (values) => {
      const window = { low: 0, high: 40, columns: 5 };
      const before = picked(values, window).filter((i) => i < 40);
      const after = picked([...values, 1, 2, 3], window).filter((i) => i < 40);
      expect(after).toEqual(before);
    }),
  );
});
