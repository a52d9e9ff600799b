import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alignmentOf } from "../../../src/core/diagnostic/behaviorWeights.ts";
import { distributionShift, judgeQuality } from "../../../src/core/diagnostic/judgeScores.ts";
import { flippedByLength, lengthBias, lengthCorrelation } from "../../../src/core/diagnostic/lengthReward.ts";
import { behaviorAlignment } from "../../../src/core/diagnostic/metrics/behaviorAlignment.ts";
import { evidenceReward } from "../../../src/core/diagnostic/metrics/evidenceReward.ts";
import { advantageSizes, groupCollapse } from "../../../src/core/diagnostic/metrics/groupCollapse.ts";
import {
  informativeness,
  meanAdvantage,
  truncatedReturns,
} from "../../../src/core/diagnostic/metrics/informativeness.ts";
import { judgeDrift } from "../../../src/core/diagnostic/metrics/judgeDrift.ts";
import { lengthExploitation } from "../../../src/core/diagnostic/metrics/lengthExploitation.ts";
import { policyCliff } from "../../../src/core/diagnostic/metrics/policyCliff.ts";
import { prmInflation } from "../../../src/core/diagnostic/metrics/prmInflation.ts";
import { rewardDecomposition } from "../../../src/core/diagnostic/metrics/rewardDecomposition.ts";
import { payingLoops, shapingConsistency } from "../../../src/core/diagnostic/metrics/shapingConsistency.ts";
import { ShapingTransitions } from "../../../src/core/diagnostic/potentialFit.ts";
import { summarizeScores } from "../../../src/core/diagnostic/processScores.ts";
import { flipsBest, shareOfRise } from "../../../src/core/diagnostic/rewardComponents.ts";
import type { StepSpans } from "../../../src/core/rollout/stepSpans.ts";
import { rocArea } from "../../../src/core/stats/rocArea.ts";
import { slopeOf } from "../../../src/core/stats/slope.ts";
import { batches, measure, rollout, turn } from "./measured.ts";

const say = (content: string) => [turn("assistant", content)];
const withRewards = (id: string, rewards: Readonly<Record<string, number>>, fields = {}) =>
  rollout(id, say(id), { group: "g", rewards: new Map(Object.entries(rewards)), ...fields });

describe("slope and ROC area", () => {
  test("of points on a line, and of scores that tell right from wrong", () => {
    expect(slopeOf([0, 1, 2], [1, 3, 5])).toBe(2);
    expect(slopeOf([1, 1], [0, 1])).toBeNaN();
    // Pairs (positive, negative): 3 > 1, 3 > 2, 2 = 2 (half), 2 > 1: 3.5 of 4.
    expect(rocArea([3, 2, 2, 1], [true, true, false, false])).toBe(3.5 / 4);
    expect(rocArea([1, 2], [true, true])).toBeNaN();
  });
});

describe("prmInflation", () => {
  const scored = (id: string, scores: readonly number[], success: boolean) => {
    const content = scores.map((_, k) => `s${k}`).join(" ");
    const steps: StepSpans = {
      n: scores.length,
      start: Int32Array.from(scores, (_, k) => 3 * k),
      end: Int32Array.from(scores, (_, k) => 3 * k + 2),
      source: "logged",
      columns: new Map([["reward", Float64Array.from(scores)]]),
      extra: new Map(),
    };
    return rollout(id, [{ ...turn("assistant", content), steps }], { success });
  };

  test("Delta telescopes to the first score, 0 of a single step", () => {
    expect(summarizeScores([0.75, 0.5, 0.25])).toMatchObject({ steps: 3, sum: 1.5, min: 0.25, delta: 0.75 });
    expect(summarizeScores([0.9]).delta).toBe(0);
  });

  test("warns where the sum pays for steps and more steps do not help", () => {
    const { each } = measure(
      prmInflation,
      batches([
        scored("a", [0.6], true),
        scored("b", [0.6, 0.6], false),
        scored("c", [0.6, 0.6, 0.6], false),
      ]),
    );
    expect(each[0]!.value).toBeCloseTo(1, 12);
    expect(each[0]!.alarm).toBe(true);
    // The sum of 2p − 1 is positive everywhere, right in one of three.
    expect(each[0]!.evidence).toMatchObject({ match: 1 / 3, empty_steps: 0, repeated_steps: 0 });
  });

  test("warns over the run where scores rise and outcomes fall, and names missing scores", () => {
    const { each, end } = measure(
      prmInflation,
      batches([scored("a", [0.2, 0.1], true)], [scored("b", [0.9, 0.8], false)], [rollout("c", say("x"))]),
    );
    expect(each[2]!.missing).toEqual(["step.reward"]);
    expect(end[0]).toMatchObject({ alarm: true, evidence: { outcome_slope: -1 } });
  });
});

describe("rewardDecomposition", () => {
  test("finds the component that brings the rise, and the one that decides", () => {
    const { each, end } = measure(
      rewardDecomposition,
      batches(
        [withRewards("a", { format: 0, right: 1 }), withRewards("b", { format: 0.5, right: 0 })],
        [withRewards("c", { format: 1, right: 1 }), withRewards("d", { format: 1, right: 0 })],
      ),
    );
    expect(each[0]).toMatchObject({
      value: 0.75,
      evidence: { components: { format: 0.25, right: 0.5 }, groups_decided_by: { format: 0, right: 1 } },
    });
    // The mean total goes from 0.75 to 1.5, all of it by format.
    expect(end[0]).toMatchObject({
      value: 1,
      alarm: true,
      evidence: { component: "format", from: 0.75, to: 1.5 },
    });
  });

  test("weights and products, and what the log's own reward leaves over", () => {
    const params = { weights: { a: 2 }, form: "product" };
    const { each } = measure(
      rewardDecomposition,
      batches([withRewards("x", { a: 3, b: 2 }, { reward: 17 })]),
      params,
    );
    expect(each[0]).toMatchObject({ value: 18, evidence: { most_unexplained: 1 } });
    expect(measure(rewardDecomposition, batches([rollout("x", say("y"))])).each[0]!.missing).toEqual([
      "trajectory.rewards",
    ]);
  });

  test("shares of a rise add up to 1; a total that falls has none", () => {
    const row = fc.record({ a: fc.integer({ min: -9, max: 9 }), b: fc.integer({ min: -9, max: 9 }) });
    const mapOf = (one: Record<string, number>) => new Map(Object.entries(one));
    fc.assert(
      fc.property(row, row, (before, after) => {
        const shares = [...shareOfRise(mapOf(before), mapOf(after), {}).values()];
        const rose = after.a + after.b > before.a + before.b;
        expect(shares.reduce((sum, x) => sum + x, 0)).toBeCloseTo(rose ? 1 : 0, 12);
      }),
    );
  });
});

describe("judgeDrift", () => {
  test("precision, recall and margin at the threshold", () => {
    const judged = [
      { id: "a", score: 0.9, isRight: true },
      { id: "b", score: 0.4, isRight: true },
      { id: "c", score: 0.6, isRight: false },
    ];
    // Accepted a, c: 1 of 2 right; right a, b: 1 of 2 accepted; (0.9 + 0.4)/2 − 0.6 = 0.05.
    const { precision, recall, margin } = judgeQuality(judged, 0.5);
    expect([precision, recall]).toEqual([0.5, 0.5]);
    expect(margin).toBeCloseTo(0.05, 12);
    expect(distributionShift([1, 2], [3, 4])).toBe(1);
    expect(distributionShift([1, 2], [1, 2])).toBe(0);
  });

  test("warns when precision is lost, and lists pairs that the model ranks the wrong way", () => {
    const rated = (id: string, rm: number, success: boolean) => withRewards(id, { rm }, { success });
    const { each } = measure(
      judgeDrift,
      batches(
        [rated("a", 0.9, true), rated("b", 0.1, false)],
        [rated("c", 0.6, true), rated("d", 0.8, false)],
      ),
    );
    expect(each.map(({ value, alarm }) => [value, alarm])).toEqual([
      [1, false],
      [0.5, true],
    ]);
    expect(each[1]!.evidence["closest"]).toMatchObject([{ right: "c", wrong: "d" }]);
    expect(measure(judgeDrift, batches([rollout("e", say("x"))])).each[0]!.missing).toEqual([
      "trajectory.rewards.rm",
      "trajectory.success",
    ]);
  });
});

describe("groupCollapse", () => {
  test("counts responses that repeat another one of their group, and sizes advantages", () => {
    const own = (id: string, text: string, reward: number) => rollout(id, say(text), { group: "g", reward });
    const { each } = measure(
      groupCollapse,
      batches([own("a", "same", 1), own("b", "same", 0), own("c", "new", 0)]),
    );
    expect(each[0]).toMatchObject({ value: 0, evidence: { duplicates: 1, informative: 1 } });
    // (1, 0): mean 0.5, unbiased std √0.5: |A| = 0.5/√0.5.
    expect([
      ...advantageSizes([
        [1, 0],
        [2, 2],
      ]),
    ]).toEqual([Math.SQRT1_2, Math.SQRT1_2].map((x) => expect.closeTo(x, 12)));
  });

  test("a batch of singletons compares nothing", () => {
    const { each } = measure(groupCollapse, batches([rollout("a", say("x"), { group: "g", reward: 1 })]));
    expect(each[0]).toMatchObject({ value: NaN, missing: ["trajectory.group"] });
  });
});

describe("lengthExploitation", () => {
  const sized = [
    { length: 10, reward: 0 },
    { length: 20, reward: 1 },
    { length: 40, reward: 2 },
  ];

  test("correlation, bias of GRPO, and flips by a length term", () => {
    expect(lengthCorrelation([sized])).toBeCloseTo(1, 12);
    expect(lengthBias([sized])).toBe(4);
    // 2 − 2·1 = 0 for the longest, 1 − 2·0.5 = 0 for the next: the first of the best changes.
    expect([flippedByLength([sized], 2), flippedByLength([sized], 0.1)]).toEqual([1, 0]);
  });

  test("takes characters where there are no tokens, and leaves out what has no reward", () => {
    const own = (id: string, text: string, reward: number) => rollout(id, say(text), { group: "g", reward });
    const { each } = measure(
      lengthExploitation,
      batches([own("a", "xx", 0), own("b", "xxxx", 1), own("c", "x", NaN)], [rollout("d", say("x"))]),
    );
    expect(each[0]).toMatchObject({ alarm: true, evidence: { unit: "character", groups: 1 } });
    expect(each[1]!.missing).toEqual(["trajectory.reward", "trajectory.group"]);
  });
});

describe("shapingConsistency", () => {
  test("a term that is made of a potential has no residual, whatever the potential", () => {
    const walk = fc.array(fc.nat(5), { minLength: 2, maxLength: 20 });
    const potential = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(walk, potential, fc.constantFrom(0.9, 1), (states, phi, gamma) => {
        const transitions = new ShapingTransitions(gamma);
        let size = 0;
        for (let i = 1; i < states.length; i++) {
          const term = gamma * phi[states[i]!]! - phi[states[i - 1]!]!;
          size += term * term;
          transitions.add(`${states[i - 1]}`, `${states[i]}`, term);
        }
        if (size > 1e-6) expect(transitions.fit().residual).toBeLessThan(1e-6);
      }),
    );
  });

  test("a bonus for each step is no potential in a circle", () => {
    // a → b → a pays 1 twice; the potential that fits best is constant: nothing is explained.
    const transitions = new ShapingTransitions(1);
    transitions.add("a", "b", 1);
    transitions.add("b", "a", 1);
    expect(transitions.fit().residual).toBeCloseTo(1, 12);
    const loops = payingLoops(
      "x",
      ["a", "b", "a"].map((state) => ({ state, shaping: 1 })),
    );
    expect(loops).toEqual([{ id: "x", state: "a", turns: 2, net: 2 }]);
  });

  test("reads the term and the states of turns; without them it says so", () => {
    const step = (state: string, shaping: number) => turn("assistant", "go", { state, more: { shaping } });
    const { end } = measure(shapingConsistency, batches([rollout("a", [step("s", 0.5), step("t", -0.5)])]));
    // Φ(s) = 0 − …: F(s, t) = Φ(t) − Φ(s) = 0.5 and F(t, end) = −Φ(t) = −0.5 fit exactly.
    expect(end[0]!.value).toBeCloseTo(0, 12);
    expect(measure(shapingConsistency, batches([rollout("a", say("x"))])).end[0]!.missing).toEqual([
      "turn.shaping",
      "turn.state",
    ]);
  });
});

describe("behaviorAlignment", () => {
  test("recovers coefficients of a linear return and turns a component that works against it", () => {
    const rows = [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
      [2, 1],
    ];
    const primary = rows.map(([a, b]) => 3 * a! - 2 * b!);
    const { coefficients, correlation } = alignmentOf(rows, primary);
    expect(coefficients).toEqual([expect.closeTo(3, 6), expect.closeTo(-2, 6)]);
    expect(correlation).toBeCloseTo(1, 12);
  });

  test("flags components with a coefficient that is not positive", () => {
    const own = (id: string, good: number, bad: number, success: boolean) =>
      withRewards(id, { good, bad }, { success });
    const { end } = measure(
      behaviorAlignment,
      batches([own("a", 1, 0, true), own("b", 0, 1, false)], [own("c", 1, 1, true), own("d", 0, 2, false)]),
    );
    expect(end[0]).toMatchObject({ value: 1, alarm: true, evidence: { misaligned: ["bad"], rollouts: 4 } });
    expect(measure(behaviorAlignment, batches([rollout("a", say("x"))])).end[0]!.missing).toEqual([
      "trajectory.success",
      "trajectory.rewards",
    ]);
  });
});

describe("informativeness", () => {
  test("truncated returns and the mean size of advantages", () => {
    // Horizon 2, γ 0.5: 1 + 0.5·2, 2 + 0.5·4, 4.
    expect([...truncatedReturns([1, 2, 4], { horizon: 2, gamma: 0.5 })]).toEqual([2, 4, 4]);
    // Turn 0: 1 and 3 around 2; turn 1 is in one rollout only.
    expect(meanAdvantage([[1, 9], [3]])).toBe(1);
    expect(meanAdvantage([[1]])).toBeNaN();
  });

  test("a reward at the end tells nothing within a short horizon", () => {
    const episode = (id: string, reward: number) =>
      rollout(id, [turn("assistant", "a"), turn("assistant", "b", { reward })], { group: "g" });
    const { each } = measure(
      informativeness,
      batches([episode("a", 0), episode("b", 1)], [rollout("c", say("x"))]),
    );
    // Turn 0: 0; turn 1: |0 − 0.5| = |1 − 0.5|. Over whole episodes both turns have 0.5.
    expect(each[0]).toMatchObject({ value: 0.25, evidence: { over_whole_episodes: 0.5 } });
    expect(each[1]!.missing).toEqual(["turn.reward", "trajectory.group"]);
  });
});

describe("policyCliff", () => {
  test("a group flips where a small change of a weight makes another response best", () => {
    expect([flipsBest([1, 1], [1, 2]), flipsBest([2, 1], [1, 2])]).toEqual([false, true]);
    const close = [withRewards("a", { x: 1, y: 0 }), withRewards("b", { x: 0, y: 0.95 })];
    const far = [
      { ...withRewards("c", { x: 1, y: 0 }), groupKey: "h" },
      { ...withRewards("d", { x: 0, y: 0.1 }), groupKey: "h" },
    ];
    const { each } = measure(policyCliff, batches([...close, ...far]), { noise: 0.1 });
    expect(each[0]).toMatchObject({
      value: 0.5,
      alarm: true,
      evidence: { near_ties: 1, flipped_by: { x: 1, y: 1 } },
    });
  });

  test("finds the largest jump of a behaviour per change of a scheduled weight", () => {
    const at = (reward: number, reward_weight: number) => [
      withRewards("a", {}, { reward, extra: new Map([["reward_weight", reward_weight]]) }),
    ];
    const { end } = measure(policyCliff, batches(at(0, 1), at(1, 1.5), at(1.5, 3)));
    // 1 / 0.5 = 2 from step 1 to 2; 0.5 / 1.5 after.
    expect(end[0]).toMatchObject({ value: 2, evidence: { from: 1, to: 2 } });
  });
});

describe("evidenceReward", () => {
  test("shares the right answers whose evidence is wrong, and their trend", () => {
    const own = (id: string, answer: number, evidence: number) => withRewards(id, { answer, evidence });
    const { each, end } = measure(
      evidenceReward,
      batches([own("a", 1, 1), own("b", 0, 1)], [own("c", 1, 0), own("d", 1, 1)], [rollout("e", say("x"))]),
    );
    expect(each.map(({ value }) => value)).toEqual([0, 0.5, NaN]);
    expect(each[1]!.evidence["ids"]).toEqual(["c"]);
    expect(end[0]).toMatchObject({ value: 0.5, alarm: true });
    expect(each[2]!.missing).toEqual(["trajectory.rewards.answer", "trajectory.rewards.evidence"]);
  });
});
