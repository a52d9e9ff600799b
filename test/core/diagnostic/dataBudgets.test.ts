import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { creditedShare, fitImpulses, lagMass } from "../../../src/core/diagnostic/delayedEffects.ts";
import { bufferWeights, SmoothedDomains } from "../../../src/core/diagnostic/domainSampling.ts";
import { hapoReward, LengthHistory } from "../../../src/core/diagnostic/hapoLength.ts";
import { labelDistance, reannotationQueue } from "../../../src/core/diagnostic/labelHierarchy.ts";
import { delayKernel } from "../../../src/core/diagnostic/metrics/delayKernel.ts";
import { domainWeights } from "../../../src/core/diagnostic/metrics/domainWeights.ts";
import { hapo } from "../../../src/core/diagnostic/metrics/hapo.ts";
import { jointGain } from "../../../src/core/diagnostic/metrics/jointGain.ts";
import { majorityVote as voteMetric } from "../../../src/core/diagnostic/metrics/majorityVote.ts";
import { punishment } from "../../../src/core/diagnostic/metrics/punishment.ts";
import { reannotation } from "../../../src/core/diagnostic/metrics/reannotation.ts";
import { collectiveWeights, crossLabels, majorityVote, winner } from "../../../src/core/diagnostic/vote.ts";
import { batches, measure, rollout, turn } from "./measured.ts";

describe("length reward of HAPO", () => {
  const cosine = { form: "cosine", weight: 1, tolerance: 0.1 } as const;
  const linear = { ...cosine, form: "linear" } as const;

  test("wrong answers are never rewarded for being short", () => {
    expect(hapoReward(400, 100, false, cosine)).toBe(0);
    expect(hapoReward(400, 1200, false, cosine)).toBe(-1);
    expect(hapoReward(400, 100, false, linear)).toBe(0);
    // (900 − 440) / 400 = 1.15, floored at −1.
    expect(hapoReward(400, 900, false, linear)).toBe(-1);
  });

  test("stays within its bounds, and a correct answer is never below a wrong one of its length", () => {
    const length = fc.integer({ min: 0, max: 5000 });
    fc.assert(
      fc.property(length, length, fc.constantFrom(cosine, linear), (history, own, settings) => {
        const right = hapoReward(history, own, true, settings);
        const wrong = hapoReward(history, own, false, settings);
        expect(right).toBeGreaterThanOrEqual(-0.7);
        expect(right).toBeLessThanOrEqual(1);
        expect(wrong).toBeGreaterThanOrEqual(-1);
        expect(right).toBeGreaterThanOrEqual(wrong);
      }),
    );
  });

  test("history keeps the shortest, or the mean; the released mean counts a batch once for each sample", () => {
    const [min, mean, released] = (["min", "mean", "meanReleased"] as const).map(
      (mode) => new LengthHistory(mode),
    );
    for (const one of [min!, mean!, released!]) {
      one.update("q", [10, 20], 3);
      one.update("q", [], 2);
      one.update("q", [30], 2);
    }
    expect(min!.of("q")).toBe(10);
    expect(mean!.of("q")).toBe(20);
    // 15 with count 6; then (6·15 + 30) / 7 = 120/7, and (7·120/7 + 30) / 8 = 150/8.
    expect(released!.of("q")).toBeCloseTo(18.75, 12);
    expect(min!.of("other")).toBe(0);
  });

  test("a train step is scored before it enters the history", () => {
    const answer = (id: string, length: number) =>
      rollout(id, [], { group: "q", success: true, more: { response_length: length } });
    const { each } = measure(hapo, batches([answer("a", 10), answer("b", 5)], [answer("c", 10)]));
    expect(each.map(({ value }) => value)).toEqual([0, 0, -0.7]);
    expect(measure(hapo, batches([rollout("a", [])])).each[0]!.missing).toEqual([
      "trajectory.group",
      "trajectory.response_length",
      "trajectory.success",
    ]);
  });
});

describe("domain weights", () => {
  const settings = { tau: 0.5, epsilon: 0.1, target: 1 };

  test("are e^(gap/τ), normalised; ε cancels", () => {
    const batch = [
      { domain: "A b", reward: 1 },
      { domain: "c", reward: 0.5 },
    ];
    const weights = bufferWeights([batch], { ...settings, decay: "none", bufferSize: 1 });
    // Gaps 0 and 0.5: weights 1 and e.
    expect(weights.get("a_b")).toBeCloseTo(1 / (1 + Math.E), 12);
    expect(
      bufferWeights([batch], { ...settings, epsilon: 9, decay: "none", bufferSize: 1 }).get("c"),
    ).toBeCloseTo(Math.E / (1 + Math.E), 12);
  });

  test("stay numbers at a small temperature, and are refused where the official code asserts", () => {
    // Gaps 1 and 0 over τ = 0.0001: e^10000 is no number, its share is 1.
    const buffer = [
      [
        { domain: "a", reward: 0 },
        { domain: "b", reward: 1 },
      ],
    ];
    const small = { ...settings, tau: 1e-4, decay: "none", bufferSize: 1 } as const;
    expect([...bufferWeights(buffer, small).values()]).toEqual([1, 0]);
    for (const wrong of [{ target: 0 }, { target: 1.5 }, { tau: 0 }]) {
      expect(() => bufferWeights(buffer, { ...small, ...wrong })).toThrow(RangeError);
      expect(() => new SmoothedDomains(0.5).weights(buffer[0]!, { ...settings, ...wrong })).toThrow(
        RangeError,
      );
    }
  });

  test("add up to 1 whatever the decay", () => {
    const item = fc.record({
      domain: fc.constantFrom("a", "b", "c"),
      reward: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const buffer = fc.array(fc.array(item, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(buffer, fc.constantFrom("none", "harmonic", "geometric"), (own, decay) => {
        const weights = [...bufferWeights(own, { ...settings, decay, bufferSize: 4 }).values()];
        expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
      }),
    );
  });

  test("smoothed means take a mean of 0 for none", () => {
    const smoothed = new SmoothedDomains(0.5);
    smoothed.weights([{ domain: "a", reward: 0 }], settings);
    smoothed.weights([{ domain: "a", reward: 1 }], settings);
    expect(smoothed.means.get("a")).toBe(1);
    smoothed.weights([{ domain: "a", reward: 0 }], settings);
    expect(smoothed.means.get("a")).toBe(0.5);
  });

  test("need a domain and a reward", () => {
    const [found] = measure(domainWeights, batches([rollout("a", [], { reward: 1 })])).each;
    expect([found!.value, found!.missing]).toEqual([null, ["trajectory.data_source"]]);
  });
});

describe("votes", () => {
  test("blanks do not count, ties go to the first seen, and no words give no label", () => {
    expect(majorityVote(["b", "a", "a", "b", "", null])).toBe("b");
    expect(majorityVote(["", " ", null])).toBeNull();
  });

  test("models count by their self-consistency: x 2·2/3, y 1·2/3 + 3·1", () => {
    const weights = collectiveWeights([
      ["x", "x", "y"],
      ["y", "y", "y"],
    ]);
    expect([weights.get("x"), weights.get("y")]).toEqual([4 / 3, 11 / 3]);
    expect(winner(weights)).toBe("y");
  });

  test("cross labels come from the other version", () => {
    expect(
      crossLabels([
        ["1", "1"],
        ["2", "2", "1"],
      ]),
    ).toEqual(["2", "1"]);
  });

  test("a group's versions vote for each other; a rise of unanimity without accuracy raises the alarm", () => {
    const one = (id: string, view: string, pred: string, success: boolean) =>
      rollout(id, [], { group: "q", success, more: { view, pred } });
    const before = [one("a", "original", "1", true), one("b", "rephrased", "2", false)];
    const after = [one("a", "original", "2", false), one("b", "rephrased", "2", false)];
    const { each, end } = measure(voteMetric, batches(before, after));
    expect(each[0]!.evidence["rollouts"]).toEqual({
      a: { answer: "1", label: "2", reward: 0 },
      b: { answer: "2", label: "1", reward: 0 },
    });
    expect(each[0]!.evidence["unlikeVerifier"]).toBe(0.5);
    expect([end[0]!.value, end[0]!.alarm]).toEqual([1, true]);
    expect(measure(voteMetric, batches([rollout("a", [])])).each[0]!.missing).toEqual([
      "trajectory.pred",
      "trajectory.group",
    ]);
  });
});

describe("re-annotation", () => {
  const parents = { slip: "number", unit: "number", number: "faulty", gap: "faulty" };

  test("distance counts edges to the lowest common ancestor from both sides", () => {
    expect(labelDistance("slip", "unit", parents)).toBe(2);
    expect(labelDistance("slip", "gap", parents)).toBe(3);
    expect(labelDistance("slip", "faulty", parents)).toBe(2);
    expect(labelDistance("slip", "slip", parents)).toBe(0);
    expect(labelDistance("gap", "elsewhere", parents)).toBe(3);
    expect(labelDistance("a", "b", { a: "b", b: "a" })).toBe(1);
  });

  test("is symmetric, and 0 only for equal labels", () => {
    const label = fc.constantFrom("slip", "unit", "number", "gap", "faulty", "elsewhere");
    fc.assert(
      fc.property(label, label, (a, b) => {
        expect(labelDistance(a, b, parents)).toBe(labelDistance(b, a, parents));
        expect(labelDistance(a, b, parents) === 0).toBe(a === b);
      }),
    );
  });

  test("the queue takes the farthest first, within the budget", () => {
    const items = [
      { label: "slip", predicted: "unit" },
      { label: "slip", predicted: "gap" },
      { label: "gap", predicted: "faulty" },
      { label: "gap", predicted: "gap" },
    ];
    const predicted = (perClass: boolean, budget: number) =>
      reannotationQueue(items, parents, { budget, perClass }).map((one) => one.predicted);
    expect(predicted(false, 2)).toEqual(["gap", "unit"]);
    expect(predicted(true, 1)).toEqual(["gap", "faulty"]);
  });

  test("reads labels of turns, and says where there are none", () => {
    const labelled = turn("assistant", "x", { more: { label: "slip", predicted: "unit" } });
    const { end } = measure(
      reannotation,
      batches([rollout("a", [labelled], { metadata: { label_hierarchy: parents } })]),
    );
    expect(end[0]!.value).toEqual([{ id: "a", turn: 0, label: "slip", predicted: "unit", distance: 2 }]);
    expect(measure(reannotation, batches([rollout("a", [])])).end[0]!.missing).toEqual([
      "trajectory.label",
      "trajectory.predicted",
    ]);
  });
});

describe("delay kernel", () => {
  test("finds the impulse response that made the rewards", () => {
    const u = [1, 0, 0, 1, 1, 0, 0, 0];
    const rewards = u.map((x, t) => x + 0.5 * (u[t - 1] ?? 0) + 0.25 * (u[t - 2] ?? 0));
    const { effects, steps } = fitImpulses([{ features: u.map((x) => [x]), rewards }], {
      lags: 2,
      penalty: 1e-9,
    });
    expect(effects.flat()).toEqual([1, 0.5, 0.25].map((x) => expect.closeTo(x, 6) as number));
    expect(steps).toBe(8);
  });

  test("a discount keeps γᵏ of the mass at lag k: (2 + 0.5·1 + 0.25·1) / 4", () => {
    expect(
      lagMass([
        [1, -1],
        [0.5, 0.5],
        [1, 0],
      ]),
    ).toEqual([2, 1, 1]);
    expect(creditedShare([2, 1, 1], 0.5)).toBe(2.75 / 4);
  });

  test("needs features and rewards of turns", () => {
    const acting = (x: number, reward: number) =>
      turn("assistant", "a", { reward, more: { action_features: [x] } });
    const { end } = measure(
      delayKernel,
      batches([rollout("a", [acting(1, 1), acting(0, 1), acting(0, 0)])]),
      { lags: 1, after: 0, penalty: 1e-9 },
    );
    expect(end[0]!.value).toBeCloseTo(0.5, 6);
    expect(measure(delayKernel, batches([rollout("a", [turn("assistant", "x")])])).end[0]!.missing).toEqual([
      "turn.action_features",
      "turn.reward",
    ]);
  });
});

describe("several agents", () => {
  test("a joint critic pays where it differs by more than its cost", () => {
    const at = (joint: number, own: number[]) =>
      turn("assistant", "x", { state: "s", more: { q_joint: joint, q_agents: own } });
    const [found] = measure(jointGain, batches([rollout("a", [at(3, [1, 1]), at(2, [1, 1.05])])])).each;
    expect(found!.value).toBe(0.5);
    expect(measure(jointGain, batches([rollout("a", [])])).each[0]!.missing).toEqual([
      "turn.q_joint",
      "turn.q_agents",
    ]);
  });

  test("a punishment counts as answered when the target then does something else", () => {
    const act = (agent: string, action: string, reward: number, more = {}) =>
      turn("assistant", action, { agent, reward, more: { action, ...more } });
    const turns = [act("b", "keep", 3), act("a", "punish", 0, { punishes: ["b", "c"] }), act("b", "give", 1)];
    const [found] = measure(punishment, batches([rollout("x", turns)])).each;
    expect(found!.value).toBe(1);
    expect(found!.evidence["edges"]).toEqual({ "a → b": 1, "a → c": 1 });
    expect(found!.evidence["rewardChange"]).toBe(-2);
    const [none] = measure(punishment, batches([rollout("x", [turn("assistant", "hi")])])).each;
    expect([none!.value, none!.missing]).toEqual([NaN, ["turn.agent"]]);
  });
});
