import { expect, test } from "vitest";
import { stepOf, withStep } from "../../../src/core/rollout/stepTerm.ts";

test("a step takes the place of the one before, other terms stay", () => {
  expect(withStep('reward<0.5 step=3 "two words"', 40)).toBe('reward<0.5 "two words" step=40');
  expect(withStep("", 40)).toBe("step=40");
});

test("taking the step away leaves the other terms", () => {
  expect(withStep("step=3 length>100", null)).toBe("length>100");
});

test("the step is read from its term, not from words", () => {
  expect(stepOf("reward<1 step=40")).toBe(40);
  expect(stepOf('"step=40"')).toBeNull();
  expect(stepOf("-step=40")).toBeNull();
});
