import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dynamicsRewardOf, transitionProbability } from "../../../src/core/diagnostic/dynamicsReward.ts";
import { ErrorMemory } from "../../../src/core/diagnostic/errorMemory.ts";
import { collaborativeReward, peerReview } from "../../../src/core/diagnostic/metrics/collaborativeReward.ts";
import { dynamicsReward } from "../../../src/core/diagnostic/metrics/dynamicsReward.ts";
import { errorMemory } from "../../../src/core/diagnostic/metrics/errorMemory.ts";
import { preferenceStrength } from "../../../src/core/diagnostic/metrics/preferenceStrength.ts";
import { adviceOf, preferenceLoss, strengthOf } from "../../../src/core/diagnostic/preferencePairs.ts";
import { batches, measure, rollout, turn } from "./measured.ts";

const say = (content: string) => [turn("assistant", content)];
const pair = (id: string, chosen: readonly number[], rejected: readonly number[]) =>
  rollout(id, say("x"), { more: { chosen_scores: chosen, rejected_scores: rejected } });

describe("preferenceStrength", () => {
  test("is the mean margin with its unbiased spread and the models that agree", () => {
    // Margins 1, 2, −1: mean 2/3; squares (1/9 + 16/9 + 25/9) / 2 = 7/3.
    const { mean, std, agreement } = strengthOf([1, 2, -1]);
    expect([mean, std, agreement]).toEqual(
      [2 / 3, Math.sqrt(7 / 3), 2 / 3].map((x) => expect.closeTo(x, 12)),
    );
    expect(strengthOf([1]).std).toBeNaN();
    expect(preferenceLoss(0)).toBeCloseTo(-Math.log(0.5 + 1e-5), 15);
  });

  test("flips the weakest below 0, softens the ambiguous, keeps the rest", () => {
    expect(adviceOf([-2, -0.5, 0.1, 1, 2], { flipShare: 0.2, ambiguous: 0.2 })).toEqual([
      "flip",
      "soft",
      "soft",
      "keep",
      "keep",
    ]);
    // The weakest is not flipped where the models prefer it.
    expect(adviceOf([1, 2], { flipShare: 0.5, ambiguous: 0 })).toEqual(["keep", "keep"]);
  });

  test("reads pairs of a rollout, else the best and the worst of a judged group", () => {
    const { each } = measure(
      preferenceStrength,
      batches([pair("a", [1, 2], [0, 0]), pair("b", [0, 0], [3, 1])]),
      {
        flipShare: 0.5,
      },
    );
    expect(each.map(({ value, alarm }) => [value, alarm])).toEqual([
      [1.5, false],
      [-2, true],
    ]);
    const judged = (id: string, scores: readonly number[]) =>
      rollout(id, say("x"), { group: "g", more: { judge_scores: scores } });
    const group = measure(
      preferenceStrength,
      batches([judged("low", [1, 2]), judged("high", [4, 3]), judged("mid", [2, 2])]),
    );
    expect(group.each).toMatchObject([{ scope: { id: "high" }, value: 2, evidence: { rejected: "low" } }]);
  });

  test("pairs whose lists differ in length, or lack a number, are none", () => {
    const odd = batches([pair("a", [1, 2], [0]), pair("b", [1], [NaN])]);
    expect(measure(preferenceStrength, odd).each[0]!.missing).toEqual([
      "trajectory.chosen_scores",
      "trajectory.rejected_scores",
    ]);
  });
});

describe("collaborativeReward", () => {
  test("each model hands over its smallest losses", () => {
    // Three of four are handed over. The first model's worst is pair 1, the second's is pair 2.
    const review = peerReview(
      [
        [2, 2],
        [-1, 1],
        [1, -3],
        [3, 0],
      ],
      0.25,
    );
    expect(review.handed).toEqual([
      [0, 2, 3],
      [0, 1, 3],
    ]);
    expect([review.rejectedByBoth, review.disputed]).toEqual([[], [1, 2]]);
    // Means 2, 0, −1, 1.5.
    expect(review.curriculum).toEqual([0, 3, 1, 2]);
  });

  test("counts each pair once: handed by both, disputed or rejected by both", () => {
    const margin = fc.double({ min: -5, max: 5, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(margin, margin), { maxLength: 12 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (margins, noise) => {
          const { handed, rejectedByBoth, disputed } = peerReview(margins, noise);
          const both = handed[0].filter((i) => handed[1].includes(i));
          expect(both.length + disputed.length + rejectedByBoth.length).toBe(margins.length);
        },
      ),
    );
  });

  test("needs two models", () => {
    const { each } = measure(
      collaborativeReward,
      batches([pair("a", [1], [0])], [pair("b", [1, 1], [0, 0]), pair("c", [0, 0], [2, 2])]),
      { noise: 0.5 },
    );
    expect(each[0]!.missing).toEqual(["trajectory.chosen_scores", "trajectory.rejected_scores"]);
    expect(each[1]).toMatchObject({ value: 0.5, evidence: { rejected_by_both: ["c"] } });
  });
});

describe("dynamicsReward", () => {
  const bounds = [{ learner: 0, expert: 1 }];

  test("stretches clamped logits, cuts probabilities, and takes −log(1 − mean)", () => {
    // 0.5 lies in the middle: σ(0). Beyond the bounds it is σ(±1).
    expect(transitionProbability(0.5, bounds[0]!, 1)).toBeCloseTo(0.5, 6);
    expect(transitionProbability(9, bounds[0]!, 1)).toBeCloseTo(1 / (1 + Math.exp(-1)), 6);
    // Cut at 0.5 each: mean (0.5 + σ(−1)) / 2.
    const low = 1 / (1 + Math.exp(1));
    expect(dynamicsRewardOf([9, -9], { bounds, range: 1, clip: 0.5 })).toBeCloseTo(
      -Math.log(1 - (0.5 + low) / 2),
      6,
    );
    expect(dynamicsRewardOf([9], { bounds, range: 1, clip: 0.5 })).toBeCloseTo(-Math.log(low), 6);
    expect(dynamicsRewardOf([], { bounds, range: 1, clip: 0.5 })).toBeNaN();
  });

  test("grows with every logit", () => {
    const logit = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(logit, { minLength: 2, maxLength: 5 }),
        fc.double({ min: 0, max: 2, noNaN: true }),
        (logits, more) => {
          const terms = { bounds, range: 1, clip: 0.5 };
          const raised = logits.map((x) => x + more);
          expect(dynamicsRewardOf(raised, terms)).toBeGreaterThanOrEqual(
            dynamicsRewardOf(logits, terms) - 1e-12,
          );
        },
      ),
    );
  });

  test("finds the least plausible turn, by the rollout's own bounds", () => {
    const step = (logits: readonly number[]) =>
      turn("environment", "s", { more: { discriminator_logits: logits } });
    const { each } = measure(
      dynamicsReward,
      batches([
        rollout("a", [step([4, 4]), step([0, 0])], {
          more: { learner_values: [0, 0], expert_values: [4, 4] },
        }),
        rollout("b", say("x")),
      ]),
    );
    expect(each[0]).toMatchObject({ alarm: true, evidence: { transitions: 2, lowest_turn: 1 } });
    expect(each[1]!.missing).toEqual(["turn.discriminator_logits"]);
  });
});

describe("errorMemory", () => {
  test("is the recency-weighted mean error of the nearest items", () => {
    const memory = new ErrorMemory({ capacity: 10, neighbours: 2, halfLife: 1 });
    memory.add([1, 0], 1);
    memory.add([1, 0], 0);
    memory.add([0, 1], -5);
    // Nearest to (1, 0): items 0 and 1, 3 and 2 items ago: weights 1/8 and 1/4.
    expect(memory.biasAt([1, 0]).bias).toBeCloseTo(1 / 8 / (1 / 8 + 1 / 4), 12);
    expect(new ErrorMemory({ capacity: 1, neighbours: 1, halfLife: 1 }).biasAt([1]).bias).toBeNaN();
  });

  test("forgets what is beyond its capacity", () => {
    const memory = new ErrorMemory({ capacity: 1, neighbours: 5, halfLife: 1 });
    memory.add([1], 1);
    memory.add([1], 3);
    expect(memory.biasAt([1])).toMatchObject({ bias: 3, neighbours: 1 });
  });

  test("corrects a critic that is off by a constant", () => {
    const item = (id: string) =>
      rollout(id, say("x"), { reward: 1, more: { features: [1, 1], prediction: 0.4 } });
    const { each, end } = measure(errorMemory, batches([item("a")], [item("b")], [rollout("c", say("x"))]));
    // Nothing is remembered yet: no bias, which is not a bias of 0.
    expect([each[0]!.value, each[0]!.missing]).toEqual([NaN, ["trajectory.reward"]]);
    expect(each[1]!.value).toBeCloseTo(0.6, 12);
    expect(each[2]!.missing).toEqual(["trajectory.features", "trajectory.prediction"]);
    expect(end[0]).toMatchObject({ alarm: true, evidence: { rollouts: 1, compensated_error: 0 } });
  });
});
