import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BatchMember } from "../../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../../src/core/credit/engine.ts";
import { epochWeight, insideBand } from "../../../../src/core/credit/primitives/entropyBand.ts";
import { member, turnOf } from "../trajectories.ts";

type Columns = Record<string, number[]>;

/** A rollout of one turn with these token columns; `advantages` are there for `base: logged`. */
function rollout(
  columns: Columns,
  fields: { mask?: number[]; group?: string; reward?: number } = {},
): BatchMember {
  const n = Object.values(columns)[0]!.length;
  const turn = turnOf("assistant", n, {
    columns,
    ...(fields.mask === undefined ? {} : { mask: fields.mask }),
  });
  return member(fields.group ?? "g", [turn], { reward: fields.reward ?? NaN });
}

function lanes(members: readonly BatchMember[], method: string, params: Record<string, unknown>) {
  const run = makeBatch(members).credit(method, params);
  return (name: string, r = 0): number[] => [...run.lane(r, name)];
}

describe("the advantage that is reshaped", () => {
  const columns = { entropy: [3, 1], advantages: [0.5, -2] };

  test("GRPO's of the reward, (1 − 0.5) / (√0.5 + 1e-6), or the log's own", () => {
    const members = [rollout(columns, { reward: 1 }), rollout(columns, { reward: 0 })];
    const a = 0.5 / (Math.sqrt(0.5) + 1e-6);
    expect(lanes(members, "highEntropyTokens", { rho: 1 })("base")).toEqual([a, a]);
    expect(lanes(members, "highEntropyTokens", { rho: 1, base: "logged" })("base")).toEqual([0.5, -2]);
  });

  test("what is missing depends on which one is asked for", () => {
    const batch = makeBatch([rollout({ entropy: [1, 2] })]);
    expect(batch.credit("highEntropyTokens", {}).credit(0)).toMatchObject({
      status: "unavailable",
      missing: ["trajectory.reward"],
    });
    expect(batch.credit("highEntropyTokens", { base: "logged" }).credit(0)).toMatchObject({
      missing: ["token.advantages"],
    });
  });
});

describe("attentionRhythm", () => {
  // Changes of WAAD: 4, 1, 3, 0; 40 % of five tokens are two: plan {0, 2}. The largest FAI: anchors {1, 3}.
  const columns = { waad: [1, 5, 6, 3, 3], fai: [0, 0.9, 0.1, 0.8, 0.2], advantages: [1, 1, 1, 1, -1] };
  const weights = (params: Record<string, unknown>): number[] =>
    lanes([rollout(columns)], "attentionRhythm", { base: "logged", ...params })("weight");

  test("planning and anchor tokens are amplified by 1.5", () => {
    expect(weights({ form: "local" })).toEqual([1.5, 1, 1.5, 1, 1]);
    expect(weights({ form: "global" })).toEqual([1, 1.5, 1, 1.5, 1]);
  });

  test("coupled: an anchor with low WAAD shares its gain with the largest planning token before it", () => {
    // Median WAAD is 3: anchor 3 (WAAD 3) has planning tokens 0 and 2 within three tokens, 0 has the larger change;
    // anchor 1 (WAAD 5) is above it and keeps its gain.
    expect(weights({})).toEqual([1.25, 1.5, 1, 1.25, 1]);
    expect(weights({ reach: 1 })).toEqual([1, 1.5, 1.25, 1.25, 1]);
    expect(weights({ alpha: 1 })).toEqual([1.5, 1.5, 1, 1, 1]);
    expect(weights({ threshold: 0 })).toEqual([1, 1.5, 1, 1.5, 1]);
  });

  test("negative advantages are left as they are", () => {
    const negative = rollout({ ...columns, advantages: [-1, -1, -1, -1, -1] });
    const lane = lanes([negative], "attentionRhythm", { base: "logged" });
    expect(lane("weight")).toEqual([1, 1, 1, 1, 1]);
    expect(lane("credit")).toEqual([-1, -1, -1, -1, -1]);
  });

  test("masked tokens are in no set, and no change is measured across them", () => {
    const holed = rollout(columns, { mask: [1, 0, 1, 1, 1] });
    const lane = lanes([holed], "attentionRhythm", { base: "logged", form: "local" });
    // Four trained tokens, ⌊0.4 · 4⌋ = 1; token 0 is followed by a masked one, so the change at 2 is the largest.
    expect(lane("plan")).toEqual([0, 0, 1, 0, 0]);
    expect(lane("change")[0]).toBeNaN();
  });

  test("without the maps' signals it is unavailable", () => {
    expect(
      makeBatch([rollout({ advantages: [1] })])
        .credit("attentionRhythm", { base: "logged" })
        .credit(0),
    ).toMatchObject({ status: "unavailable", missing: ["token.waad", "token.fai"] });
  });

  test("the whole gain is at most what all anchors and their introducers may get", () => {
    const token = fc.record({ waad: fc.nat(9), fai: fc.double({ min: 0, max: 1, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(token, { minLength: 1, maxLength: 12 }), (tokens) => {
        const lane = lanes(
          [
            rollout({
              waad: tokens.map(({ waad }) => waad),
              fai: tokens.map(({ fai }) => fai),
              advantages: tokens.map(() => 1),
            }),
          ],
          "attentionRhythm",
          { base: "logged" },
        );
        const sum = (xs: number[]): number => xs.reduce((a, b) => a + b, 0);
        expect(sum(lane("anchor"))).toBe(Math.floor(0.4 * tokens.length));
        expect(sum(lane("gain"))).toBeLessThanOrEqual(sum(lane("anchor")) + 1e-9);
        lane("weight").forEach((w) => expect(w).toBeGreaterThanOrEqual(1));
      }),
    );
  });
});

describe("highEntropyTokens", () => {
  const members = [
    rollout({ entropy: [0.1, 2, 0.5], advantages: [1, 2, 3] }),
    rollout({ entropy: [3, 0.2], advantages: [-1, -2] }),
  ];

  test("⌊0.4 · 5⌋ = 2 tokens of the batch keep their advantage: those with entropy 3 and 2", () => {
    const lane = lanes(members, "highEntropyTokens", { base: "logged", rho: 0.4 });
    expect([lane("credit", 0), lane("credit", 1)]).toEqual([
      [0, 2, 0],
      [-1, -0],
    ]);
    expect(lane("threshold")).toEqual([2]);
  });

  test("a masked token takes a place as released, and none in the paper's form", () => {
    const masked = [rollout({ entropy: [9, 2, 1], advantages: [1, 1, 1] }, { mask: [0, 1, 1] })];
    const weights = (params: Record<string, unknown>): number[] =>
      lanes([...masked, ...members], "highEntropyTokens", { base: "logged", rho: 0.15, ...params })(
        "weight",
        0,
      );
    // Positions begin at the first trained turn, so the masked token counts: ⌊0.15 · 7⌋ = 1 place.
    expect(weights({})).toEqual([1, 0, 0]);
    expect(weights({ preset: "paper" })).toEqual([0, 0, 0]);
  });

  test("ρ = 0 keeps nothing", () => {
    const lane = lanes(members, "highEntropyTokens", { base: "logged", rho: 0 });
    expect(lane("weight")).toEqual([0, 0, 0]);
    expect(lane("threshold")).toEqual([NaN]);
  });
});

describe("verlShaping", () => {
  const columns = { advantages: [2, -2, 0, 1], aux_rewards: [0.3, 5, 1, -1] };

  test("A + min(relu(b), |A| / 2): 2 + 0.3, −2 + 1, 0 + 0, 1 + 0", () => {
    const lane = lanes([rollout(columns)], "verlShaping", { base: "logged" });
    expect(lane("credit")).toEqual([2.3, -1, 0, 1]);
    expect(lane("bonus")).toEqual([0.3, 1, 0, 0]);
  });

  test("a bonus a rollout sits on the last trained token", () => {
    const turn = turnOf("assistant", 3, { columns: { advantages: [1, 1, 1] }, mask: [1, 1, 0] });
    const one = member("g", [turn], { extra: new Map([["aux_reward", 0.25]]) });
    expect(lanes([one], "verlShaping", { base: "logged", bonus: "last" })("bonus")).toEqual([0, 0.25, 0]);
  });

  test("the advantage never falls, and never changes by more than |A| / κ", () => {
    const number = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { minLength: 1 }), (tokens) => {
        const lane = lanes(
          [rollout({ advantages: tokens.map(([a]) => a), aux_rewards: tokens.map(([, b]) => b) })],
          "verlShaping",
          { base: "logged", kappa: 4 },
        );
        lane("credit").forEach((x, t) => {
          const [a] = tokens[t]!;
          expect(x).toBeGreaterThanOrEqual(a);
          expect(x - a).toBeLessThanOrEqual(Math.abs(a) / 4 + 1e-12);
        });
      }),
    );
  });
});

describe("covarianceTokens", () => {
  // Means over the three trained tokens: A 1, log π −1. Covariances: (3 − 1)(0 + 1) = 2, (0 − 1)(−1 + 1) = 0,
  // (0 − 1)(−2 + 1) = 1.
  const columns = { advantages: [3, 0, 0, 9], logprobs: [0, -1, -2, 0], old_logprobs: [0, -1.5, -2, 0] };
  const one = [rollout(columns, { mask: [1, 1, 1, 0] })];
  const near = (actual: readonly number[], expected: readonly number[]): void =>
    expected.forEach((x, i) => expect(actual[i]).toBeCloseTo(x, 6));

  test("covariances are about the means of the trained tokens", () => {
    near(lanes(one, "covarianceTokens", { base: "logged" })("covariance").slice(0, 3), [2, 0, 1]);
  });

  test("Clip-Cov drops what lies strictly inside the bounds, with the chance that the budget leaves", () => {
    const weight = (params: Record<string, unknown>): number[] =>
      lanes(one, "covarianceTokens", { base: "logged", ...params })("weight");
    near(weight({ lower: 1.5 }), [0, 1, 1, 1]);
    near(weight({ lower: 0.5 }), [0.5, 1, 0.5, 1]);
    near(weight({ lower: 0.5, ratio: 1 }), [0, 1, 0, 1]);
    near(weight({ lower: 2.5 }), [1, 1, 1, 1]);
  });

  test("a token that PPO clips already is not eligible", () => {
    // The ratio e^0.5 is above 1.2 and the advantage positive: clipped.
    const clipped = [rollout({ ...columns, old_logprobs: [-0.5, -1.5, -2, 0] }, { mask: [1, 1, 1, 0] })];
    const lane = lanes(clipped, "covarianceTokens", { base: "logged", lower: 0.5 });
    expect(lane("clipped")).toEqual([1, 0, 0, 0]);
    expect(lane("eligible")).toEqual([0, 0, 1, 0]);
  });

  test("KL-Cov takes β·|log π − log π_old| from the largest covariance", () => {
    const moved = [rollout({ ...columns, old_logprobs: [-0.25, -1, -2, 0] }, { mask: [1, 1, 1, 0] })];
    const lane = lanes(moved, "covarianceTokens", { base: "logged", preset: "released:klCov", beta: 2 });
    near(lane("credit").slice(0, 3), [3 - 2 * 0.25, 0, 0]);
    near(lane("meanLoss"), [(-3 * Math.exp(0.25) + 0.5) / 3]);
    near(lane("approximateKl"), [0.25 / 3]);
  });

  test("without a trained token there is no loss, and nothing was dropped", () => {
    const none = [rollout(columns, { mask: [0, 0, 0, 0] })];
    const lane = lanes(none, "covarianceTokens", { base: "logged" });
    expect([lane("meanLoss"), lane("dropped")]).toEqual([[NaN], [0]]);
    const kl = lanes(none, "covarianceTokens", { base: "logged", preset: "released:klCov" });
    expect(kl("meanLoss")).toEqual([NaN]);
  });

  test("the monitor needs no old policy and changes nothing", () => {
    const bare = [rollout({ advantages: [1, 2], logprobs: [-1, -2] })];
    expect(lanes(bare, "covarianceTokens", { base: "logged", form: "monitor" })("credit")).toEqual([1, 2]);
    expect(makeBatch(bare).credit("covarianceTokens", { base: "logged" }).credit(0)).toMatchObject({
      status: "unavailable",
      missing: ["token.old_logprobs"],
    });
  });
});

describe("epo", () => {
  const turn = (entropy: number[], history?: number) => ({
    ...turnOf("assistant", entropy.length, { columns: { entropy, advantages: entropy.map(() => 1) } }),
    extra: new Map(history === undefined ? [] : [["entropy_history", history]]),
  });

  test("inside is strictly between 0.8 and 1.2 times the history", () => {
    const lane = lanes([member("g", [turn([0.8, 0.81, 1.19, 1.2], 1)])], "epo", { base: "logged" });
    expect(lane("weight")).toEqual([0.1, 1, 1, 0.1]);
    expect(lane("penalty")).toEqual([0.1, 0, 0, 0.1]);
    expect(lane("within")).toEqual([0.5]);
    expect(insideBand(0, 0, { minRatio: 0.8, maxRatio: 1.2 })).toBe(false);
  });

  test("sequence mode compares the mean of the turn: (0.5 + 1.5) / 2 = 1", () => {
    const lane = lanes([member("g", [turn([0.5, 1.5], 1), turn([2, 2], 1)])], "epo", {
      base: "logged",
      per: "sequence",
    });
    expect(lane("weight")).toEqual([1, 1, 0.1, 0.1]);
    expect(lane("within")).toEqual([0.5]);
  });

  test("a turn without a history has no number, a log without any is not available", () => {
    const lane = lanes([member("g", [turn([1], 1), turn([1])])], "epo", { base: "logged" });
    expect(lane("credit")).toEqual([1, NaN]);
    const run = makeBatch([member("g", [turn([1])])]).credit("epo", { base: "logged" });
    expect(run.credit(0)).toMatchObject({ status: "unavailable", missing: ["turn.entropy_history"] });
  });

  test("the batch's own mean can stand in: turns of the same number are compared", () => {
    const members = [member("g", [turn([1]), turn([4])]), member("g", [turn([1.1]), turn([2])])];
    const lane = lanes(members, "epo", { base: "logged", history: "batch" });
    expect(lane("history")).toEqual([1.05, 3]);
    expect(lane("weight")).toEqual([1, 0.1]);
  });

  test("the penalty form: A + c·(H − β·penalty·weight of the epoch)", () => {
    const one = member("g", [turn([2], 1)], { extra: new Map([["epoch", 75]]) });
    const lane = lanes([one], "epo", {
      base: "logged",
      preset: "released:penalty",
      entropyCoefficient: 0.5,
      smoothWeights: true,
    });
    const weight = 1 - 0.2 * (1 - Math.exp(-2));
    expect(lane("credit")[0]).toBeCloseTo(1 + 0.5 * (2 - 0.1 * weight), 12);
  });

  test("the weight falls from 1, jumps down at the middle and ends at 0.8·e⁻³", () => {
    expect(epochWeight(0, 150)).toBe(1);
    expect(epochWeight(75, 150)).toBeCloseTo(0.8270670566, 9);
    expect(epochWeight(150, 150)).toBeCloseTo(0.8 * Math.exp(-3), 12);
    expect(epochWeight(999, 150)).toBe(epochWeight(150, 150));
    expect([epochWeight(3, 0), epochWeight(0, 1)]).toEqual([1, 1]);
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 200 }), fc.nat(200), (epochs, epoch) => {
        expect(epochWeight(epoch + 1, epochs)).toBeLessThanOrEqual(epochWeight(epoch, epochs));
      }),
    );
  });
});

describe("zoomZero", () => {
  const video = (rewards: Record<string, number>, at: { answer: number; iou: number }, mask = [1, 1, 1, 1]) =>
    member("g", [turnOf("assistant", 4, { mask })], {
      rewards: new Map(Object.entries(rewards)),
      extra: new Map([
        ["mask_answer", at.answer],
        ["mask_iou", at.iou],
      ]),
    });
  const a = 0.5 / (Math.sqrt(0.5) + 1e-6);

  test("grounding outside the answer part, the answer before the grounding part, over three", () => {
    const members = [
      video({ iou: 1, answer: 0 }, { answer: 1, iou: 3 }),
      video({ iou: 0, answer: 1 }, { answer: 4, iou: 4 }, [1, 1, 1, 0]),
    ];
    const lane = lanes(members, "zoomZero", {});
    expect(lane("credit", 0)).toEqual([(a - a) / 3, -a / 3, -a / 3, a / 3]);
    expect(lane("iouMask", 0)).toEqual([1, 0, 0, 1]);
    expect(lane("answerMask", 1)).toEqual([1, 1, 1, 0]);
    expect(lane("base", 0)).toEqual([0]);
  });

  test("a group of one keeps its raw components: (0.5 + 1 + 1) / 3 everywhere", () => {
    const lane = lanes([video({ iou: 0.5, answer: 1, format: 1 }, { answer: 4, iou: 4 })], "zoomZero", {});
    const raw = (0.5 / (1 + 1e-6) + 2 / (1 + 1e-6)) / 3;
    for (const x of lane("credit")) expect(x).toBeCloseTo(raw, 12);
  });

  test("a component that only others have is missing, not zero", () => {
    const members = [
      video({ iou: 1, zoom: 1 }, { answer: 4, iou: 4 }),
      video({ iou: 0 }, { answer: 4, iou: 4 }),
    ];
    const lane = lanes(members, "zoomZero", {});
    expect(lane("credit", 1)).toEqual([NaN, NaN, NaN, NaN]);
    expect(lane("credit", 0).every(Number.isFinite)).toBe(true);
  });

  test("without the marks of the parts it is unavailable", () => {
    const bare = member("g", [turnOf("assistant", 2)], { rewards: new Map([["iou", 1]]) });
    expect(makeBatch([bare]).credit("zoomZero", {}).credit(0)).toMatchObject({
      status: "unavailable",
      missing: ["trajectory.mask_answer", "trajectory.mask_iou"],
    });
  });
});
