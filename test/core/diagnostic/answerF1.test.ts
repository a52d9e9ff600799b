import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answerScore, labelAnswer, setF1 } from "../../../src/core/diagnostic/answerScore.ts";
import { answerF1 } from "../../../src/core/diagnostic/metrics/answerF1.ts";
import { textTrajectory, textTurn } from "../../../src/core/rollout/textTrajectory.ts";
import type { Trajectory } from "../../../src/core/rollout/trajectory.ts";

describe("score of an answer", () => {
  test("words as sets: {the, red, house} against {red, house, garden}: P = R = 2/3", () => {
    const solution = "<answer>The red red house</answer>";
    expect(answerScore(solution, "red house garden", "f1")).toBeCloseTo(2 / 3, 12);
    expect(answerScore(solution, "the red red house", "em")).toBe(1);
    expect(answerScore(solution, "the red house", "em")).toBe(0);
  });

  test("the best of several references, letter case and punctuation do not count", () => {
    expect(answerScore("<answer>U.S.A.!</answer>", "France<|answer_split|>u s a", "f1")).toBe(1);
  });

  test("tags that are missing or do not match are −2, forgiven by the form without format", () => {
    for (const broken of [
      "Paris",
      "<answer>Paris",
      "<think>x<answer>Paris</answer>",
      "</answer>Paris<answer>",
    ]) {
      expect(answerScore(broken, "Paris", "f1")).toBe(-2);
      expect(answerScore(broken, "Paris", "em")).toBe(-2);
      expect(answerScore(broken, "Paris", "f1_no_format")).toBe(0);
    }
  });

  test("an empty answer shares no word, and matches an empty reference only", () => {
    expect(answerScore("<answer> </answer>", "x", "f1")).toBe(0);
    expect(answerScore("<answer> </answer>", "...", "em")).toBe(1);
  });

  test("the first answer counts, over several lines too", () => {
    expect(answerScore("<answer>a\nb</answer> <answer>c</answer>", "a b", "em")).toBe(1);
  });

  test("labelled claims: one false claim makes the answer false", () => {
    expect(labelAnswer('[{"label": "True"}, {"label": "FALSE"}]')).toBe("false");
    expect(labelAnswer('[{"label": "true"}]')).toBe("true");
    expect(labelAnswer("plain")).toBe("plain");
  });

  test("F1 is symmetric and lies between 0 and 1", () => {
    const words = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"));
    fc.assert(
      fc.property(words, words, (left, right) => {
        const f1 = setF1(new Set(left), new Set(right));
        expect(f1).toBeCloseTo(setF1(new Set(right), new Set(left)), 12);
        expect(f1).toBeGreaterThanOrEqual(0);
        expect(f1).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("answerF1", () => {
  const rollout = (id: string, said: string, answer: string | null): Trajectory => ({
    ...textTrajectory(id, [
      textTurn("user", "Capital of France? <answer>", -1),
      textTurn("assistant", "<think>look it up</think>", 0),
      textTurn("tool", "Paris is the capital.", 1),
      textTurn("assistant", said, 2),
    ]),
    answer,
  });
  const measure = (trajectories: readonly Trajectory[], params = {}): readonly unknown[] =>
    answerF1.measure({ text: "response", labels: false, ...params }).batch({
      run: "r",
      trainStep: 1,
      split: "train",
      members: trajectories.map((trajectory) => ({ trajectory, groupKey: null })),
    });

  test("a value a rollout and their mean; the prompt is not searched", () => {
    const measured = measure([
      rollout("a", "<answer>Paris</answer>", "Paris"),
      rollout("b", "Paris", "Paris"),
      rollout("c", "x", null),
    ]);
    expect(measured).toMatchObject([
      { scope: { id: "a" }, value: 1, evidence: { em: 1, formatIsBroken: false } },
      { scope: { id: "b" }, value: -2, evidence: { f1NoFormat: 0, formatIsBroken: true } },
      { scope: { id: "c" }, value: NaN, missing: ["trajectory.answer"] },
      { scope: { run: "r", train_step: 1 }, value: -0.5, evidence: { rollouts: 2, broken: 1 } },
    ]);
  });

  test("the last turn alone, on request", () => {
    const split = rollout("a", "look</think><answer>Paris</answer>", "Paris");
    const [response] = measure([split]);
    expect(response).toMatchObject({ value: -2 });
    const [last] = measure([rollout("a", "<answer>Paris</answer>", "Paris")], { text: "lastTurn" });
    expect(last).toMatchObject({ value: 1 });
  });
});
