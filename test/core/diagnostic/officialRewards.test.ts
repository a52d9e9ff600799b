import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ngramRepetition } from "../../../src/core/diagnostic/metrics/ngramRepetition.ts";
import { paretoWelfare } from "../../../src/core/diagnostic/metrics/paretoWelfare.ts";
import { proposerDiversity } from "../../../src/core/diagnostic/metrics/proposerDiversity.ts";
import { repetition } from "../../../src/core/diagnostic/metrics/repetition.ts";
import { rerankReward } from "../../../src/core/diagnostic/metrics/rerankReward.ts";
import { toolReward } from "../../../src/core/diagnostic/metrics/toolReward.ts";
import { distinctPenalty, mostRepeated, ngramPenalty } from "../../../src/core/diagnostic/ngrams.ts";
import {
  frontierRegret,
  hypervolume,
  paretoFrontier,
  type Payoff,
  releasedHypervolume,
} from "../../../src/core/diagnostic/pareto.ts";
import {
  boxedAnswer,
  jaccard,
  leakOf,
  problemOf,
  proposerReward,
} from "../../../src/core/diagnostic/proposer.ts";
import { reflectionCount, repeatness } from "../../../src/core/diagnostic/repetition.ts";
import { repeatedIds, rerankFormat, rerankScore } from "../../../src/core/diagnostic/rerank.ts";
import {
  hasToolFormat,
  thoughtLength,
  toolCallReward,
  toolScore,
} from "../../../src/core/diagnostic/toolCallReward.ts";
import { batches, measure, rollout, turn } from "./measured.ts";

const say = (content: string) => [turn("assistant", content)];

describe("repetition", () => {
  test("is 2 / (n (n + 1)) times the shared prefixes of neighbouring suffixes, over code points", () => {
    // Suffixes of "abab" in order: ab, abab, b, bab. Shared: 2 (ab), 0, 1 (b) = 3. 2 · 3 / (4 · 5) = 0.3.
    expect(repeatness("abab")).toBeCloseTo(0.3, 15);
    // Two code points, not four code units: suffixes 😀, 😀😀 share 1. 2 · 1 / (2 · 3).
    expect(repeatness("😀😀")).toBeCloseTo(1 / 3, 15);
    expect([repeatness(""), repeatness("a"), repeatness("abc")]).toEqual([0, 0, 0]);
  });

  test("agrees with sorting the suffixes themselves", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "b", "é", "😀"), maxLength: 40 }), (text) => {
        const points = Array.from(text);
        const suffixes = points.map((_, i) => points.slice(i).join("")).toSorted((a, b) => (a < b ? -1 : 1));
        let shared = 0;
        for (let i = 1; i < suffixes.length; i++) {
          const [a, b] = [Array.from(suffixes[i - 1]!), Array.from(suffixes[i]!)];
          let k = 0;
          while (k < a.length && k < b.length && a[k] === b[k]) k++;
          shared += k;
        }
        const n = points.length;
        expect(repeatness(text)).toBeCloseTo(n < 2 ? 0 : (2 * shared) / (n * (n + 1)), 12);
      }),
    );
  });

  test("counts second looks in any case, with the marks that belong to them", () => {
    expect(reflectionCount("WAIT, let's check. However it holds; however, retry it, rethink\tit")).toBe(5);
  });

  test("takes for white space what Python does: a separator sign, but no byte order mark", () => {
    expect(reflectionCount("retry\x1cretry\u0085retry\u00a0")).toBe(3);
    expect(reflectionCount("retry\ufeff")).toBe(0);
  });

  test("marks loops: an n-gram many times over, broken characters", () => {
    const loop = "the same words again ".repeat(30);
    const { each } = measure(
      repetition,
      batches([
        rollout("loop", say(loop)),
        rollout("fine", say("Two and two make four.")),
        rollout("none", []),
      ]),
      { ngram: 4, times: 10 },
    );
    expect(each.map(({ alarm, missing }) => [alarm, missing])).toEqual([
      [true, undefined],
      [false, undefined],
      [undefined, ["turn.content"]],
    ]);
    expect(each[0]!.evidence["unit"]).toBe("word");
    expect(mostRepeated([1, 2, 1, 2, 1], 2)).toBe(2);
  });
});

describe("ngramRepetition", () => {
  const penalty = { size: 2, maxPenalty: -1, onlyStart: false };

  test("is the mean over the tokens, each under a repeated n-gram losing the penalty", () => {
    // 1 2 3 1 2: the second (1, 2) repeats, so that 2 of 5 tokens lose 1.
    expect(ngramPenalty([1, 2, 3, 1, 2], penalty)).toBeCloseTo(-2 / 5, 15);
    // 1 1 1 1: (1, 1) repeats at 1 and 2. At 2 it starts inside the one before: only tokens 1, 2 lose with onlyStart.
    expect(ngramPenalty([1, 1, 1, 1], penalty)).toBeCloseTo(-3 / 4, 15);
    expect(ngramPenalty([1, 1, 1, 1], { ...penalty, onlyStart: true })).toBeCloseTo(-2 / 4, 15);
    expect(ngramPenalty([1], penalty)).toBe(0);
  });

  test("of distinct n-grams: 1 − distinct / all, and not a number where there is none", () => {
    // (1,2) (2,1) (1,2): 2 of 3 distinct.
    expect(distinctPenalty([1, 2, 1, 2], penalty)).toBeCloseTo(-1 / 3, 15);
    expect(distinctPenalty([1], penalty)).toBeNaN();
    expect(() => ngramPenalty([1, 2], { ...penalty, maxPenalty: 1 })).toThrow(RangeError);
  });

  test("needs ids, of trained tokens only", () => {
    const ids = { ids: Int32Array.from([1, 2, 1, 2]) };
    const withIds = { ...turn("assistant", "abcd", { mask: [1, 1, 0, 0] }) };
    const own = { ...withIds, tokens: { ...withIds.tokens!, ...ids } };
    const { each } = measure(ngramRepetition, batches([rollout("a", [own]), rollout("b", say("x"))]), {
      size: 2,
    });
    expect(each.map(({ value, missing }) => [(value as number) + 0, missing])).toEqual([
      [0, undefined],
      [NaN, ["token.ids"]],
    ]);
  });
});

describe("proposerDiversity", () => {
  test("finds every way in which a problem gives its answer away", () => {
    const leaks = [
      [null, "4"],
      ["2+2?", null],
      ["2+2?", "2+2? is 4"],
      ["is it \\boxed{4}?", "5"],
      ["what is 4?", "4"],
      ["2+2?", "4"],
    ].map(([question, answer]) => leakOf({ question: question ?? null, answer: answer ?? null }));
    expect(leaks).toEqual([
      "no-question",
      "no-answer",
      "answer-holds-question",
      "question-holds-box",
      "question-holds-answer",
      null,
    ]);
  });

  test("reads a problem behind the thought and a box with nested and escaped braces", () => {
    expect(problemOf("<problem>no</problem></think> <problem> yes </problem>")).toBe("yes");
    expect(boxedAnswer("\\boxed{1} and \\boxed {\\frac{1}{2}}")).toBe("\\frac{1}{2}");
    expect(boxedAnswer("\\boxed{a \\} b}")).toBe("a \\} b");
    expect([boxedAnswer("\\boxed{open"), boxedAnswer("none")]).toEqual([null, null]);
  });

  test("rewards hard problems that are news: 1.1 − pass rate + 0.2 · diversity", () => {
    const terms = { lowest: 0, leastDiversity: 0.3, diversityWeight: 0.2 };
    expect(proposerReward(0.25, 0.5, terms)).toBeCloseTo(1.1 - 0.25 + 0.1, 15);
    expect([proposerReward(0, 1, terms), proposerReward(0.5, 0.3, terms)]).toEqual([0, 0]);
    expect(proposerReward(NaN, 1, terms)).toBeNaN();
  });

  test("compares a train step with those before it", () => {
    const ask = (id: string, question: string) =>
      rollout(id, say("x"), { more: { question, proposed_answer: "9", pass_rate: 0.5 } });
    const { each } = measure(
      proposerDiversity,
      batches([ask("a", "how many eggs")], [ask("b", "how many eggs"), ask("c", "why is water wet")]),
    );
    expect(each.map(({ value }) => value)).toEqual([1, 0, 1]);
    expect(each[1]!.alarm).toBe(true);
    expect(measure(proposerDiversity, batches([rollout("d", say("x"))])).each[0]!.missing).toEqual([
      "trajectory.question",
    ]);
  });

  test("similarity is symmetric, from 0 to 1, and 1 of equal sets", () => {
    const sets = fc.array(fc.nat(6)).map((items) => new Set(items));
    fc.assert(
      fc.property(sets, sets, (a, b) => {
        expect(jaccard(a, b)).toBe(jaccard(b, a));
        expect(jaccard(a, a)).toBe(1);
        expect(jaccard(a, b)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("toolReward", () => {
  const call = (name: string, parameters: Record<string, unknown>) => ({ name, parameters });
  const scale = { max: 3, min: -3, grain: "fine" } as const;
  const answer = (...calls: readonly unknown[]): string =>
    `<think>t</think>\n<tool_call>\n${calls.map((one) => JSON.stringify(one)).join("\n")}\n</tool_call>`;

  test("counts names, parameter names and values", () => {
    // Names equal: 1. Keys {city, day} and {city}: 1/2. One equal value: 1. (1 + 1.5) / (1 + 1 + 2) · 6 − 3 = 0.75.
    const gold = [call("weather", { city: "Oslo", day: 2 })];
    expect(toolCallReward(gold, [call("weather", { city: "Oslo" })], scale)).toBeCloseTo(0.75, 15);
    expect(toolCallReward(gold, gold, scale)).toBe(3);
    expect(toolCallReward(gold, [call("weather", { city: "Oslo" })], { ...scale, grain: "coarse" })).toBe(-3);
    // Only equal calls count: names 1, the call 0, of 1 + 1: 6 · 1/2 − 3 = 0.
    expect(
      toolCallReward(gold, [call("weather", { city: "Oslo" })], { ...scale, grain: "intermediate" }),
    ).toBe(0);
  });

  test("the format depends on what the gold answer has", () => {
    expect(hasToolFormat(answer(call("f", {})), answer(call("g", {})))).toBe(true);
    expect(hasToolFormat(answer(call("f", {})), "<think>t</think>\n<response>r</response>")).toBe(false);
    expect(hasToolFormat("<think>a</think>", "plain")).toBe(true);
  });

  test("white space around calls and answers is Python's: a byte order mark is none", () => {
    const gold = answer(call("f", { x: 1 }));
    const whole = { ...scale, withLength: false };
    expect(toolScore(`\x1c${gold}\u0085`, gold, whole)).toMatchObject({ format: 1, correctness: 3 });
    expect(toolScore(`${gold}\ufeff`, gold, whole)).toMatchObject({ format: 0, correctness: 3 });
    const marked = gold.replace("{", "\ufeff{");
    expect(toolScore(marked, gold, whole)).toMatchObject({ format: 1, correctness: -3 });
  });

  test("the length of the thought is rounded to hundredths, ties to even", () => {
    // 64 words of 512 are 0.125: the even hundredth is 0.12.
    expect(thoughtLength(`<think>${"w ".repeat(64)}</think>`)).toBe(0.12);
    expect([thoughtLength("none"), thoughtLength(`<think>${"w ".repeat(600)}</think>`)]).toEqual([0, 1]);
  });

  test("measures rollouts with a gold answer; unreadable gold is missing, unreadable calls are the worst", () => {
    const gold = answer(call("f", { x: 1 }));
    const { each } = measure(
      toolReward,
      batches([
        rollout("right", say(gold), { answer: gold, reward: 4 }),
        rollout("broken", say("<think>t</think>\n<tool_call>\nf(1)\n</tool_call>"), { answer: gold }),
        rollout("no gold", say(gold)),
        rollout("bad gold", say(gold), { answer: "<tool_call>\nf\n</tool_call>" }),
      ]),
    );
    expect(each.map(({ value, missing }) => [value, missing])).toEqual([
      [4, undefined],
      [-2, undefined],
      [NaN, ["trajectory.answer"]],
      [NaN, ["trajectory.answer"]],
    ]);
  });

  test("does not depend on the order in which calls were predicted, where names differ", () => {
    const calls = fc.uniqueArray(fc.constantFrom("f", "g", "h"), { minLength: 1 });
    fc.assert(
      fc.property(calls, calls, (gold, predicted) => {
        const of = (names: readonly string[]) => names.map((name) => call(name, { x: 1 }));
        expect(toolCallReward(of(gold), of(predicted), scale)).toBeCloseTo(
          toolCallReward(of(gold), of(predicted.toReversed()), scale),
          12,
        );
      }),
    );
  });
});

describe("paretoWelfare", () => {
  const points: readonly Payoff[] = [
    [3, 1],
    [2, 2],
    [1, 3],
    [1, 1],
  ];

  test("the area is whole, the released one its first rectangle", () => {
    // Above (0, 0): 3·1 + 2·1 + 1·1 = 6; the release has 3·1.
    const frontier = paretoFrontier(points);
    expect(frontier).toEqual(points.slice(0, 3));
    expect([hypervolume(frontier, [0, 0]), releasedHypervolume(frontier, [0, 0])]).toEqual([6, 3]);
    // (1, 1) is behind (2, 2) by half of the range in both; behind (3, 1) by 1, behind (1, 3) by 1.
    expect(frontierRegret([1, 1], frontier, [2, 2])).toBe(0.5);
  });

  test("no point beats one of the frontier, and regret is 0 on it", () => {
    const many = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(many, (own) => {
        const frontier = paretoFrontier(own);
        for (const [u, m] of frontier) {
          expect(own.some(([a, b]) => a >= u && b >= m && (a > u || b > m))).toBe(false);
          expect(frontierRegret([u, m], frontier, [9, 9])).toBe(0);
        }
      }),
    );
  });

  test("measures a train step and names the rewards it lacks", () => {
    const both = (id: string, user: number, model: number) =>
      rollout(id, say("x"), {
        rewards: new Map([
          ["user_reward", user],
          ["llm_reward", model],
        ]),
      });
    const { each } = measure(
      paretoWelfare,
      batches([both("a", 4, 1), both("b", 1, 1)], [rollout("c", say("x"))]),
    );
    // √(4·1) and √(1·1): mean 1.5.
    expect(each[0]!.value).toBeCloseTo(1.5, 6);
    expect(each[1]!.missing).toEqual(["trajectory.rewards.user_reward", "trajectory.rewards.llm_reward"]);
  });
});

describe("rerankReward", () => {
  test("the rank part falls with the cube of the rank, and does not mind ids twice", () => {
    const task = { positives: [3], total: 4 };
    expect(rerankScore("<answer>[1,3]</answer>", task)).toBe(1 / 8);
    expect(rerankScore("<answer>[3,3,3]</answer>", task)).toBe(1);
    expect(repeatedIds([3, 1, 3, 3])).toEqual([3]);
  });

  test("the format part is negative for more than twice as many ids as pages", () => {
    // 5 ids of 2 pages: (2 − 3) / 2 · 5/5 = −1/2.
    expect(rerankFormat("<think>t</think><answer>[1,2,1,2,1]</answer>", { total: 2 })).toBe(-0.5);
    expect(rerankFormat("<answer>[1,2]</answer>", { total: 2 })).toBe(0);
  });

  test("marks answers that repeat an id", () => {
    const task = { more: { positive_ids: [1], total: 3 } };
    const { each } = measure(
      rerankReward,
      batches([
        rollout("a", say("<think>t</think><answer>[1,2,3]</answer>"), task),
        rollout("b", say("<think>t</think><answer>[1,1,1]</answer>"), task),
        rollout("c", say("x")),
      ]),
    );
    expect(each.map(({ value, alarm }) => [value, alarm])).toEqual([
      [2, false],
      [2, true],
      [NaN, undefined],
    ]);
    expect(each[2]!.missing).toEqual(["trajectory.positive_ids", "trajectory.total"]);
  });
});
