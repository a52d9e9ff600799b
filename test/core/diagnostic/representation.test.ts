import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  afterBatch,
  auxiliaryBonus,
  relativeDeviation,
  startAuxiliary,
} from "../../../src/core/diagnostic/auxiliaryReward.ts";
import { curvature, rankNumbers } from "../../../src/core/diagnostic/effectiveRank.ts";
import { effectiveRank } from "../../../src/core/diagnostic/metrics/effectiveRank.ts";
import { bandOf, cascadeGap, entropyBands } from "../../../src/core/diagnostic/metrics/entropyBands.ts";
import { dormantHeads } from "../../../src/core/diagnostic/metrics/dormantHeads.ts";
import { verlBonus } from "../../../src/core/diagnostic/metrics/verlBonus.ts";
import { rankDifferences } from "../../../src/core/diagnostic/rankVelocity.ts";
import { matrixOf } from "../../../src/core/stats/singularValues.ts";
import { batches, measure, rollout, turn } from "./measured.ts";

const square = [
  [1, 1],
  [1, -1],
  [-1, 1],
  [-1, -1],
];

describe("effective rank", () => {
  test("of two equal singular values is 2, of one row 0, of equal rows 1", () => {
    // Centred already; both columns have norm 2, so p = (1/2, 1/2) and the entropy is log 2.
    expect(rankNumbers(matrixOf(square)).effectiveRank).toBeCloseTo(2, 6);
    expect(rankNumbers(matrixOf([[1, 2]])).effectiveRank).toBe(0);
    expect(
      rankNumbers(
        matrixOf([
          [1, 2],
          [1, 2],
          [1, 2],
        ]),
      ).effectiveRank,
    ).toBe(1);
    expect(rankNumbers(matrixOf(square)).traditionalRank).toBe(2);
  });

  test("entropies leave out eigenvalues below 1e-8, which those of the covariance are sooner", () => {
    const of = (scale: number) => rankNumbers(matrixOf(square.map((row) => row.map((x) => x * scale))));
    // Eigenvalues 4e-6 and 4e-6 / 3: both are seen; 1.6e-8 and 5.3e-9: only the first.
    expect(of(1e-3).shannonEntropy).toBeCloseTo(Math.log(2), 9);
    expect(of(1e-3).shannonOfCovariance).toBeCloseTo(Math.log(2), 9);
    const small = of(Math.sqrt(0.4e-8));
    expect(small.renyiEntropy).toBeCloseTo(Math.log(2), 4);
    expect([small.shannonOfCovariance, small.renyiOfCovariance]).toEqual([0, 0]);
  });

  test("lies between 1 and min(T − 1, D), and does not change with scale or shift", () => {
    const number = fc.integer({ min: -50, max: 50 });
    const rows = fc.array(fc.tuple(number, number, number), { minLength: 3, maxLength: 8 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 9 }), number, (lists, scale, shift) => {
        const own = rankNumbers(matrixOf(lists)).effectiveRank;
        expect(own).toBeGreaterThan(0.999);
        expect(own).toBeLessThan(Math.min(lists.length - 1, 3) + 1e-3);
        const moved = lists.map((row) => row.map((x) => scale * x + shift));
        expect(rankNumbers(matrixOf(moved)).effectiveRank).toBeCloseTo(own, 5);
      }),
    );
  });

  test("curvature of a right angle is π/2, of a straight line 0; increments of nothing are left out", () => {
    expect(
      curvature(
        matrixOf([
          [0, 0],
          [1, 0],
          [1, 1],
        ]),
      ),
    ).toBeCloseTo(Math.PI / 2, 12);
    expect(
      curvature(
        matrixOf([
          [0, 0],
          [1, 0],
          [1, 0],
          [2, 0],
        ]),
      ),
    ).toBe(0);
  });

  test("velocity compares each window with the mean of all before it, acceleration the velocities", () => {
    const rows = [...square, ...square].map(([x, y], i) => [x!, y!, i % 3]);
    const { values, velocity, acceleration } = rankDifferences(matrixOf(rows), "Effective Rank", {
      stride: 2,
      maxLength: 512,
      path: "exact",
    });
    expect(values).toHaveLength(3);
    expect(velocity).toEqual([values[1]! - values[0]!, values[2]! - (values[0]! + values[1]!) / 2]);
    expect(acceleration).toEqual([velocity[1]! - velocity[0]!]);
  });

  test("reads trained tokens only, and says what is missing", () => {
    const hidden = { tokenFields: { hidden_states: [...square, [90, 90]] } };
    const found = measure(
      effectiveRank,
      batches([rollout("a", [turn("assistant", "abcde", { ...hidden, mask: [1, 1, 1, 1, 0] })])]),
    );
    expect(found.each[0]!.value).toBeCloseTo(2, 6);
    expect(found.each[0]!.evidence["tokens"]).toBe(4);
    const nothing = measure(effectiveRank, batches([rollout("a", [turn("assistant", "abc")])]));
    expect([nothing.each[0]!.value, nothing.each[0]!.missing]).toEqual([NaN, ["token.hidden_states"]]);
  });
});

describe("bonus of VERL", () => {
  const settings = {
    plan: "PlanB",
    exploreWeights: [0, 0, 1],
    exploitWeights: [0, 1, 0],
    gain: 2,
    scale: 0.5,
    fixedScale: true,
    emaAlpha: 0.5,
  } as const;

  test("is tanh of the deviations, weighed by the acceleration's", () => {
    const state = { means: [1, 2, 10], score: 0 };
    // Deviations (1−1)/1 = 0, (3−2)/2 = 0.5, (15−10)/10 = 0.5; half explores, half exploits.
    expect(auxiliaryBonus([1, 3, 15], state, settings)).toBeCloseTo(0.5 * Math.tanh(0.5), 6);
  });

  test("saturates at ±5 while the running means are 0, and falls with the score unless fixed", () => {
    expect([relativeDeviation(0.2, 0), relativeDeviation(-3, 0), relativeDeviation(0, 0)]).toEqual([
      5, -5, 0,
    ]);
    const state = { means: [1, 2, 10], score: 1 };
    expect(auxiliaryBonus([1, 3, 15], state, { ...settings, fixedScale: false })).toBeCloseTo(0, 12);
  });

  test("running means start at 0 and take the share α of a batch", () => {
    expect(afterBatch(startAuxiliary(2), [4, NaN], [1, -1, 1], 0.5)).toEqual({
      means: [2, 0],
      score: (1 / 3) * 0.5,
    });
  });

  test("reads logged indicators; the first step is measured against means of 0", () => {
    const more = { effective_rank: 9, effective_rank_diff: 1.5, effective_rank_diff_2: 0.2 };
    const step = [rollout("a", [turn("assistant", "x")], { more, reward: 1 })];
    const { each } = measure(verlBonus, batches(step, step));
    // All deviations are 5 at first: σ(10)·tanh 5 + (1 − σ(10))·tanh 5.
    expect(each[0]!.value).toBeCloseTo(Math.tanh(5), 12);
    expect(each[1]!.evidence["means"]).toEqual(
      [0.3 * 0.2, 0.3 * 1.5, 0.3 * 9].map((x) => expect.closeTo(x, 12) as number),
    );
    expect(measure(verlBonus, batches([rollout("a", [])])).each[0]!.missing).toEqual(["token.hidden_states"]);
  });
});

describe("entropy bands", () => {
  test("are open at both ends, and nothing is said without a history", () => {
    expect([bandOf(0.8, 1, 0.8, 1.2), bandOf(0.81, 1, 0.8, 1.2), bandOf(1.2, 1, 0.8, 1.2)]).toEqual([
      "collapse",
      "within",
      "chaos",
    ]);
    expect(bandOf(0.1, NaN, 0.8, 1.2)).toBe("within");
  });

  test("the gap is late minus early, without the middle turn", () => {
    expect(cascadeGap([1, 9, 2])).toBe(1);
    expect(cascadeGap([1])).toBeNaN();
  });

  test("raise the alarm after the given number of steps in a row", () => {
    const step = (h: number) => [
      rollout("a", [
        turn("assistant", "ab", { columns: { entropy: [h, h] } }),
        turn("assistant", "c", { columns: { entropy: [2 * h] } }),
      ]),
    ];
    const { each } = measure(entropyBands, batches(step(1), step(0.5), step(0.3)));
    expect(each.map(({ value }) => value)).toEqual([1, 0.5, expect.closeTo(0.3, 12)]);
    expect(each.map(({ alarm }) => alarm)).toEqual([false, false, true]);
    expect(measure(entropyBands, batches([rollout("a", [turn("assistant", "x")])])).each[0]!.missing).toEqual(
      ["token.entropy"],
    );
  });
});

describe("attention heads", () => {
  const asleep = [
    [1, 0, 0],
    [0.95, 0.05, 0],
    [0.97, 0.02, 0.01],
  ];
  const waking = [
    [1, 0, 0],
    [0.95, 0.05, 0],
    [0.2, 0.4, 0.4],
  ];

  test("are dormant by their mean attention to the first token, which itself does not count", () => {
    const more = {
      attentions: [[asleep, waking]],
      value_norms: [
        [
          [0.1, 1, 1],
          [1, 1, 1],
        ],
      ],
    };
    const [found] = measure(dormantHeads, batches([rollout("a", [], { more })])).each;
    expect(found!.value).toBe(0.5);
    const [first, second] = found!.evidence["heads"] as readonly Readonly<Record<string, unknown>>[];
    expect([first!["sinkMass"], first!["dormant"], first!["flips"], first!["valueNormRatio"]]).toEqual([
      0.96,
      true,
      [],
      0.1,
    ]);
    expect([second!["dormant"], second!["flips"]]).toEqual([false, [2]]);
  });

  test("that are not logged are missing", () => {
    const [found] = measure(dormantHeads, batches([rollout("a", [])])).each;
    expect([found!.value, found!.missing]).toEqual([NaN, ["trajectory.attentions"]]);
  });
});
