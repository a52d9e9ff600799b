import { expect, test } from "vitest";
import { type FilterSubject, parseFilter } from "../../../src/core/rollout/filter.ts";

const subject: FilterSubject = {
  id: "pencils-2",
  run: null,
  group: "pencils",
  groupSource: "explicit",
  trainStep: 1,
  split: "train",
  reward: 0,
  success: false,
  truncated: null,
  nTokens: 113,
  nChars: 300,
  nTurns: 3,
  tokenSource: "logged",
  prompt: "Ben has 23 pencils",
  joinKey: NaN,
  noSignal: false,
};
const holds = (text: string, change: Partial<FilterSubject> = {}): boolean =>
  parseFilter(text)({ ...subject, ...change });

test("words are looked for in prompt, group and id, quoted ones with their spaces", () => {
  expect([holds("ben"), holds('"has 23"'), holds('"has 24"'), holds("pencils-2 ben"), holds("-ben")]).toEqual(
    [true, true, false, true, false],
  );
});

test("comparisons are by number, and what is missing matches none of them, negated or not", () => {
  expect([holds("reward<0.5"), holds("length>=113"), holds("turns=3"), holds("-reward<0.5")]).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect([holds("reward<0.5", { reward: NaN }), holds("-reward<0.5", { reward: NaN })]).toEqual([
    false,
    false,
  ]);
});

test("the train step is compared like any number; a rollout without one matches no comparison with it", () => {
  expect([holds("step=1"), holds("step>=1 step<2"), holds("STEP>1"), holds("-step=40")]).toEqual([
    true,
    true,
    false,
    true,
  ]);
  for (const term of ["step=0", "step>=0", "step<1", "-step=1"])
    expect(holds(term, { trainStep: null }), term).toBe(false);
  expect(holds("step=-3", { trainStep: -3 })).toBe(true);
  expect(() => parseFilter("step=last")).toThrow("needs a number");
});

test("properties are yes or no; what is not logged is neither", () => {
  expect([
    holds("success:no"),
    holds("success:yes"),
    holds("truncated:no"),
    holds("signal:none"),
    holds("signal:some"),
  ]).toEqual([true, false, false, false, true]);
});

test("an empty filter holds, and a broken one says what it needs", () => {
  expect(holds("  ")).toBe(true);
  expect(() => parseFilter("reward<high")).toThrow("needs a number");
  expect(() => parseFilter("success:maybe")).toThrow("yes or no");
  for (const spaced of ["reward < 0.5", "reward <0.5"])
    expect(() => parseFilter(spaced)).toThrow("a comparison has no spaces");
});

test("a comparison takes numbers as people write them, and tags and arrows are words", () => {
  expect([holds("reward<.5"), holds("reward>-1e-3"), holds("length<1e3")]).toEqual([true, true, true]);
  expect(holds("<think>", { prompt: "no <think> here" })).toBe(true);
});
