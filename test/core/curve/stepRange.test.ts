import { expect, test } from "vitest";
import { panned, within, zoomed } from "../../../src/core/curve/stepRange.ts";

const whole = { low: 0, high: 100 };

test("zooming keeps the step under the pointer at its place", () => {
  expect(zoomed(whole, whole, { factor: 0.5, around: 20 })).toEqual({ low: 10, high: 60 });
  expect(zoomed({ low: 10, high: 60 }, whole, { factor: 0.5, around: 60 })).toEqual({ low: 35, high: 60 });
});

test("zooming out to everything is no zoom any more", () => {
  expect(zoomed({ low: 10, high: 60 }, whole, { factor: 4, around: 20 })).toBeNull();
});

test("no closer than one step", () => {
  expect(zoomed({ low: 10, high: 11 }, whole, { factor: 0.5, around: 10 })).toEqual({ low: 10, high: 11 });
});

test("panning stops at the ends and keeps the width", () => {
  expect(panned({ low: 10, high: 60 }, whole, -30)).toEqual({ low: 0, high: 50 });
  expect(panned({ low: 10, high: 60 }, whole, 300)).toEqual({ low: 50, high: 100 });
});

test("a range drawn from right to left is the same range; an empty one is none", () => {
  expect(within({ low: 30, high: 20 }, whole)).toEqual({ low: 20, high: 30 });
  expect(within({ low: 30, high: 30 }, whole)).toBeNull();
});
