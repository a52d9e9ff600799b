import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isAlike, sequenceRatio } from "../../../src/core/stats/sequenceRatio.ts";

describe("ratio of matching text", () => {
  test("counts the characters of matching blocks twice: Python's difflib", () => {
    expect(sequenceRatio("", "")).toBe(1);
    expect(sequenceRatio("abc", "")).toBe(0);
    // "bcd" matches: 2 · 3 / 8, as in the documentation of difflib.
    expect(sequenceRatio("abcd", "bcde")).toBe(0.75);
    // The longest run "private" with its neighbours, then what lies to its sides.
    expect(sequenceRatio("private Thread currentThread;", "private volatile Thread currentThread;")).toBe(
      (2 * 29) / (29 + 38),
    );
    expect(sequenceRatio("tide", "diet")).toBe(0.25);
    expect(sequenceRatio("diet", "tide")).toBe(0.5);
  });

  test("counts code points, not halves of them", () => {
    expect(sequenceRatio("a😀", "b😀")).toBe(0.5);
  });

  test("frequent characters of a long text start no run, but continue one", () => {
    const long = "ab".repeat(120);
    expect(sequenceRatio(`c${long}`, `d${long}`)).toBe(0);
    expect(sequenceRatio(`x${long}`, `yx${long}`)).toBe((2 * 241) / 483);
    expect(sequenceRatio("ab".repeat(99), "ab".repeat(99))).toBe(1);
  });

  test("being alike is the ratio at the threshold or above", () => {
    const text = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(text, text, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, least) => {
        expect(isAlike(a, b, least)).toBe(sequenceRatio(a, b) >= least);
        expect(sequenceRatio(a, a)).toBe(1);
        expect(sequenceRatio(a, b)).toBeGreaterThanOrEqual(0);
        expect(sequenceRatio(a, b)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
