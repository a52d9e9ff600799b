import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BatchCredit, BatchMember } from "../../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../../src/core/credit/engine.ts";
import { textTurn } from "../../../../src/core/rollout/textTrajectory.ts";
import type { Turn } from "../../../../src/core/rollout/trajectory.ts";
import { member, turnOf } from "../trajectories.ts";

interface Noise {
  readonly sigma?: number;
  readonly dt?: number;
  readonly branch?: number;
}

/** A denoising rollout: a prompt, then a turn for each latent. */
function denoised(
  latents: readonly string[],
  reward: number,
  noise: (k: number) => Noise,
  seed?: number,
): BatchMember {
  const turns: Turn[] = [textTurn("user", "a red fox", -1)];
  latents.forEach((latent, k) => {
    turns.push({ ...textTurn("assistant", latent, k), extra: new Map(Object.entries(noise(k))) });
  });
  return member("prompt", turns, { reward, extra: new Map(seed === undefined ? [] : [["seed", seed]]) });
}

function credits(
  members: readonly BatchMember[],
  params: Record<string, unknown>,
  lane = "credit",
): number[][] {
  const run = makeBatch(members).credit("tempFlow", params);
  return members.map((_, r) => [...run.lane(r, lane)]);
}

const plain = { weights: "none", normalizeByStd: false };

describe("TempFlow-GRPO", () => {
  // A tree: b and c part after a; d and e after b.
  const tree = [
    denoised(["a", "b", "d"], 1, () => ({ sigma: 1, dt: 0.04 })),
    denoised(["a", "b", "e"], 0, () => ({ sigma: 1, dt: 0.04 })),
    denoised(["a", "c", "f"], 0.2, () => ({ sigma: 1, dt: 0.04 })),
  ];

  test("by hand: a branch is worth the mean of the leaves behind it, against those that passed the branch point", () => {
    expect(credits(tree, plain)).toEqual([
      [0, expect.closeTo(0.5 - 0.4, 12), 1 - 0.5],
      [0, expect.closeTo(0.5 - 0.4, 12), 0 - 0.5],
      [0, expect.closeTo(0.2 - 0.4, 12), 0],
    ]);
    expect(credits(tree, plain, "size")[0]).toEqual([0, 3, 2]);
    const [first] = credits(tree, { weights: "none" });
    expect(first![2]).toBeCloseTo(0.5 / (Math.sqrt(0.5) + 1e-6), 9);
  });

  test("weights are σ√Δt over the rollout's mean of it", () => {
    const noisy = [1, 0].map((reward) =>
      denoised(["a", `b${reward}`], reward, (k) => ({ sigma: [3, 1][k]!, dt: [0.01, 0.04][k]! })),
    );
    // σ√Δt: 0.3 and 0.2, mean 0.25.
    expect(credits(noisy, {}, "weight")[0]).toEqual([expect.closeTo(1.2, 12), expect.closeTo(0.8, 12)]);
    expect(credits(noisy, { normalizeByStd: false })[0]).toEqual([0, expect.closeTo(0.8 * 0.5, 12)]);
  });

  test("rollouts of different seeds do not part: they never went together", () => {
    const seeded = [0, 0, 1, 1].map((seed, r) => denoised([`seed ${seed}`, `${r}`], r, () => ({}), seed));
    expect(credits(seeded, plain)).toEqual([
      [0, 0 - 0.5],
      [0, 1 - 0.5],
      [0, 2 - 2.5],
      [0, 3 - 2.5],
    ]);
  });

  test("marked branches are compared with those of the same prompt and seed, or of the same step too", () => {
    const marked = (reward: number, seed: number, at: number): BatchMember =>
      denoised(["x", "y"], reward, (k) => ({ branch: k === at ? 1 : 0 }), seed);
    const members = [marked(1, 7, 0), marked(0, 7, 0), marked(0.6, 7, 1), marked(0.9, 8, 0)];
    const logged = { ...plain, branches: "logged" };
    expect(credits(members, logged)).toEqual([
      [expect.closeTo(1 - 1.6 / 3, 12), 0],
      [expect.closeTo(0 - 1.6 / 3, 12), 0],
      [0, expect.closeTo(0.6 - 1.6 / 3, 12)],
      [0, 0],
    ]);
    expect(credits(members, { ...logged, compare: "step" })).toEqual([
      [0.5, 0],
      [-0.5, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(credits(members, { ...logged, singleton: "raw" })[3]).toEqual([0.9, 0]);
    expect(credits(members, { ...logged, singleton: "nan", normalizeByStd: true })[3]).toEqual([NaN, 0]);
  });

  test("a rollout that passes no branch point has no credit, and a log without noise levels says so", () => {
    const alone = makeBatch([denoised(["a"], 1, () => ({}))]);
    expect(alone.credit("tempFlow", plain).credit(0)).toMatchObject({ flags: ["singleton", "non-finite"] });
    expect(alone.credit("tempFlow", {}).credit(0)).toMatchObject({
      status: "unavailable",
      missing: ["turn.sigma", "turn.dt"],
    });
    expect(alone.credit("tempFlow", { ...plain, branches: "logged" }).credit(0)).toMatchObject({
      missing: ["turn.branch"],
    });
  });

  test("the leaves of a branch point have plain credits that sum to 0, and weights average 1", () => {
    const latent = fc.constantFrom("a", "b", "c");
    const one = fc.record({
      latents: fc.array(latent, { minLength: 3, maxLength: 3 }),
      reward: fc.constantFrom(0, 0.5, 1),
      sigma: fc.array(fc.double({ min: 0.1, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(one, { minLength: 2, maxLength: 8 }), (made) => {
        const members = made.map(({ latents, reward, sigma }) =>
          denoised(latents, reward, (k) => ({ sigma: sigma[k]!, dt: 0.1 })),
        );
        const sums = [0, 0, 0];
        for (const own of credits(members, { normalizeByStd: false }, "plain"))
          own.forEach((x, k) => (sums[k]! += Number.isNaN(x) ? 0 : x));
        for (const sum of sums) expect(sum).toBeCloseTo(0, 9);
        for (const own of credits(members, {}, "weight"))
          expect((own[0]! + own[1]! + own[2]!) / 3).toBeCloseTo(1, 9);
      }),
    );
  });
});

describe("ARPO", () => {
  const text = (reward: number, fields: Record<string, unknown> = {}): BatchMember =>
    member("task", [textTurn("assistant", "click", -1)], { reward, extra: new Map(Object.entries(fields)) });
  const members = [text(1.5, { replayed: true, eval_result: 1 }), text(0.5), text(0), text(0.5)].map(
    (one, r) => (r === 0 ? one : { ...one, trajectory: { ...one.trajectory, success: false } }),
  );
  const run = (params: Record<string, unknown> = {}): BatchCredit =>
    makeBatch(members).credit("arpo", params);

  test("by hand: the stored success counts in the group, and what it changes is beside it", () => {
    // Mean of 1.5, 0.5, 0, 0.5: 0.625, squares 0.765625 + 2 · 0.015625 + 0.390625 = 1.1875, over 3.
    const std = Math.sqrt(1.1875 / 3);
    expect([...run().lane(1, "credit")]).toEqual([expect.closeTo((0.5 - 0.625) / (std + 1e-6), 9)]);
    const fresh = Math.sqrt((2 / 36 + 4 / 36) / 2);
    expect([...run().lane(1, "withoutReplay")]).toEqual([expect.closeTo((0.5 - 1 / 3) / (fresh + 1e-6), 9)]);
    expect(members.map((_, r) => run().lane(r, "asks")[0])).toEqual([1, 1, 1, 1]);
  });

  test("injected rollouts are flagged, and so are the others of their group", () => {
    expect(run().credit(0)).toMatchObject({ flags: ["replayed"] });
    expect(run().credit(1)).toMatchObject({ flags: ["replay-in-group"] });
    expect(makeBatch(members).credit("grpo", {}).credit(2)).toMatchObject({ flags: ["replay-in-group"] });
  });

  test("without replay, the injected rollout has no credit and the others are compared among themselves", () => {
    const own = run({ replay: "without", normalizeByStd: false });
    expect(own.credit(0)).toMatchObject({ credit: NaN, flags: ["replayed", "non-finite"] });
    expect(own.lane(2, "credit")[0]).toBeCloseTo(0 - 1 / 3, 12);
  });

  test("the rule puts a success in place of the first rollout of a group of failures, and nowhere else", () => {
    const failures = [text(0.5), text(0.5), text(0)].map(({ trajectory }) =>
      member("task", trajectory.turns, { reward: trajectory.reward, success: false }),
    );
    const solved = [1, 0].map((reward) => member("other", [textTurn("assistant", "x", -1)], { reward }));
    const batch = makeBatch([...failures, ...solved]);
    const rule = batch.credit("arpo", { replay: "rule", normalizeByStd: false });
    expect([0, 1, 2, 3].map((r) => rule.lane(r, "replayed")[0])).toEqual([1, 0, 0, 0]);
    // Rewards of the group are then 1.5, 0.5, 0: mean 2/3.
    expect(rule.lane(1, "credit")[0]).toBeCloseTo(0.5 - 2 / 3, 12);
    expect(rule.lane(3, "credit")[0]).toBe(0.5);
    const strict = batch.credit("arpo", { replay: "rule", maxMean: 0, normalizeByStd: false });
    expect([0, 1, 2].map((r) => strict.lane(r, "replayed")[0])).toEqual([0, 0, 0]);
  });

  test("the scores decide, not the rewards: deviation below 0.05 over n, mean below 0.2", () => {
    const asks = (...scores: number[]): number =>
      makeBatch(scores.map((eval_result) => text(1, { eval_result })))
        .credit("arpo", {})
        .lane(0, "asks")[0]!;
    expect([asks(0, 0), asks(0.1, 0.1), asks(0.2, 0.2), asks(0, 0.09), asks(0, 0.1), asks(1, 1)]).toEqual([
      1, 1, 0, 1, 0, 0,
    ]);
  });

  test("a group of one has no credit as released; without rewards there is none", () => {
    expect(
      makeBatch([text(1)])
        .credit("arpo", {})
        .credit(0),
    ).toMatchObject({
      credit: NaN,
      flags: ["singleton", "non-finite"],
    });
    expect(
      makeBatch([text(1)])
        .credit("arpo", { singleton: "zero" })
        .credit(0),
    ).toMatchObject({ credit: 0 });
    expect(
      makeBatch([text(NaN)])
        .credit("arpo", {})
        .credit(0),
    ).toMatchObject({ missing: ["trajectory.reward"] });
  });

  test("credits of a group sum to 0, with the injected one and without", () => {
    const one = fc.tuple(fc.constantFrom(0, 0.5, 1, 1.5), fc.boolean());
    fc.assert(
      fc.property(fc.array(one, { minLength: 3, maxLength: 8 }), (rows) => {
        const made = rows.map(([reward, replayed]) => text(reward, { replayed }));
        const of = makeBatch(made).credit("arpo", { normalizeByStd: false, singleton: "zero" });
        for (const lane of ["withReplay", "withoutReplay"]) {
          const finite = made.map((_, r) => of.lane(r, lane)[0]!).filter(Number.isFinite);
          expect(finite.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 9);
        }
      }),
    );
  });
});

describe("TEMPO", () => {
  const row = (ids: number[], reward: number, mask?: number[]): BatchMember =>
    member("g", [turnOf("assistant", ids.length, { ids, ...(mask === undefined ? {} : { mask }) })], {
      reward,
    });
  const credit = (members: readonly BatchMember[], params: Record<string, unknown>): number[] => [
    ...makeBatch(members).credit("tempo", params).lane(0, "credit"),
  ];

  test("once a prefix is unique, the rest gets the plain advantage; at the parting, the change of value too", () => {
    const members = [row([1, 2, 3, 4], 1), row([1, 5, 3, 4], 0)];
    const std = Math.sqrt(0.5) + 1e-6;
    const plainAdvantage = (1 - 0.5) / std;
    const parting = (1 - 0.5 + 1 - 0.5) / std;
    expect(credit(members, {})).toEqual([plainAdvantage, parting, plainAdvantage, plainAdvantage]);
  });

  test("a group of one has none as released, and 0 in the paper's preset", () => {
    expect(credit([row([1, 2], 1)], {})).toEqual([NaN, NaN]);
    expect(credit([row([1, 2], 1)], { preset: "paper" })).toEqual([0, 0]);
  });

  test("the first masked token stops the walk as released; on request the walk goes on behind it", () => {
    const members = [row([1, 9, 2, 3], 1, [1, 0, 1, 1]), row([1, 9, 4, 3], 0, [1, 0, 1, 1])];
    const own = { normalizeByStd: false };
    expect(credit(members, own)).toEqual([0.5, 0, 0.5, 0.5]);
    expect(credit(members, { ...own, holes: "carry" })).toEqual([0.5, 0, 1, 0.5]);
  });
});
