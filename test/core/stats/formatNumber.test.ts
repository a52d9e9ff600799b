import { expect, test } from "vitest";
import { formatNumber, formatSigned } from "../../../src/core/stats/formatNumber.ts";

test("numbers for people have a real minus sign and about three digits", () => {
  expect([0.375, -0.72459, 12, 1234.567, -0.00123].map(formatNumber)).toEqual([
    "0.375",
    "−0.725",
    "12",
    "1234.6",
    "−0.00123",
  ]);
});

test("very large and very small numbers have an exponent", () => {
  expect([1.5e9, -2e-7].map(formatNumber)).toEqual(["1.5e9", "−2e−7"]);
});

test("what is missing is a dash and never zero", () => {
  expect([NaN, 0].map(formatNumber)).toEqual(["—", "0"]);
  expect(formatSigned(NaN)).toBe("—");
});

test("a signed number never rounds away to zero", () => {
  expect([0.6249, -0.0012, 0.00000005, 0].map(formatSigned)).toEqual(["+0.62", "−0.001", "+5e−8", "0.00"]);
});
