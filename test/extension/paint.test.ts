import { describe, expect, test } from "vitest";
import { bucketOf } from "../../src/extension/bucket.ts";
import { rulerRanges } from "../../src/extension/paint/rulerRanges.ts";
import { stillFits, touching, widened } from "../../src/extension/paint/spanWindow.ts";
import { stepMark } from "../../src/extension/paint/stepMark.ts";

describe("buckets of colour", () => {
  test("below 4 % of the scale nothing is painted, and what is missing never is", () => {
    expect([0.039, -0.039, 0, NaN].map((x) => bucketOf(x, 1))).toEqual([0, 0, 0, 0]);
    expect(bucketOf(1, NaN)).toBe(0);
    expect(bucketOf(0, 0)).toBe(0);
  });

  test("strength grows with the share of the scale and stays full above it", () => {
    expect([0.05, 0.2, 0.21, 0.99, 7].map((x) => bucketOf(x, 1))).toEqual([1, 1, 2, 5, 5]);
    expect([-0.05, -0.5, -7].map((x) => bucketOf(x, 1))).toEqual([6, 8, 10]);
  });
});

describe("the window of spans", () => {
  // Ten spans of five columns on each of ten lines.
  const spans = Int32Array.from({ length: 400 }, (_, i) => {
    const k = Math.floor(i / 4);
    return [Math.floor(k / 10), (k % 10) * 5, Math.floor(k / 10), (k % 10) * 5 + 5][i % 4]!;
  });

  test("holds the spans that touch what is visible, cut by column inside a line", () => {
    expect(touching(spans, { line: 2, character: 0 }, { line: 3, character: 50 })).toEqual({
      from: 20,
      to: 40,
    });
    expect(touching(spans, { line: 2, character: 12 }, { line: 2, character: 21 })).toEqual({
      from: 22,
      to: 25,
    });
  });

  test("is empty where no span is", () => {
    expect(touching(spans, { line: 90, character: 0 }, { line: 99, character: 0 })).toEqual({
      from: 100,
      to: 100,
    });
  });

  test("is widened by screens and stays inside the document", () => {
    expect(widened({ from: 40, to: 50 }, 100, 2, 5)).toEqual({ from: 20, to: 70 });
    expect(widened({ from: 5, to: 15 }, 100, 2, 5)).toEqual({ from: 0, to: 35 });
  });

  test("is painted again only when less than half of the margin is left", () => {
    const painted = { from: 20, to: 70 };
    expect(stillFits(painted, { from: 45, to: 55 }, 100, 2, 5)).toBe(true);
    expect(stillFits(painted, { from: 55, to: 65 }, 100, 2, 5)).toBe(false);
    expect(stillFits({ from: 60, to: 100 }, { from: 88, to: 98 }, 100, 2, 5)).toBe(true);
  });
});

describe("the number at the end of a step", () => {
  test("has a sign in form as well as in colour", () => {
    expect(stepMark({ credit: 0.314, reward: NaN, isMean: false, label: NaN })).toEqual({
      text: "▲ +0.31",
      sign: "positive",
    });
    expect(stepMark({ credit: -0.62, reward: 0.08, isMean: false, label: NaN })).toEqual({
      text: "▼ −0.62 PRM 0.08",
      sign: "negative",
    });
    expect(stepMark({ credit: 0, reward: NaN, isMean: false, label: NaN })).toEqual({
      text: "· 0.00",
      sign: "none",
    });
  });

  test("says when it is the mean of tokens and when there is none", () => {
    expect(stepMark({ credit: 1, reward: NaN, isMean: true, label: NaN }).text).toBe("▲ ⌀+1.00");
    expect(stepMark({ credit: NaN, reward: 0.5, isMean: false, label: NaN })).toEqual({
      text: "· no credit PRM 0.50",
      sign: "none",
    });
    // A label is said with and without credit.
    expect(stepMark({ credit: 0.5, reward: NaN, isMean: false, label: 1 }).text).toBe("▲ +0.50 ✓ right");
    expect(stepMark({ credit: null, reward: NaN, isMean: false, label: 0 })).toEqual({
      text: "✗ wrong",
      sign: "none",
    });
    expect(stepMark({ credit: null, reward: NaN, isMean: false, label: 0.25 }).text).toBe("label 0.25");
    expect(stepMark({ credit: null, reward: NaN, isMean: false, label: NaN }).text).toBe("");
  });

  test("is 20 characters at most for ordinary numbers", () => {
    expect(
      stepMark({ credit: -12.345, reward: 0.999, isMean: true, label: NaN }).text.length,
    ).toBeLessThanOrEqual(20);
  });
});

describe("marks on the ruler", () => {
  test("merge neighbouring lines and stay at 1,000", () => {
    const spans = Int32Array.from({ length: 4 * 5000 }, (_, i) => (i % 2 === 0 ? 3 * Math.floor(i / 4) : 0));
    expect(rulerRanges(spans, new Uint8Array(5000).fill(5), 5).length).toBeLessThanOrEqual(1000);
    const close = Int32Array.from([0, 0, 0, 5, 1, 0, 1, 5, 5, 0, 5, 5]);
    expect(rulerRanges(close, Uint8Array.of(5, 5, 5), 5)).toEqual([
      [0, 1],
      [5, 5],
    ]);
  });
});
