import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BatchMember } from "../../../../src/core/credit/batchCredit.ts";
import type { AvailableCredit } from "../../../../src/core/credit/credit.ts";
import { makeBatch } from "../../../../src/core/credit/engine.ts";
import { ParameterError } from "../../../../src/core/credit/parameter.ts";
import { textTurn } from "../../../../src/core/rollout/textTrajectory.ts";
import type { Turn } from "../../../../src/core/rollout/trajectory.ts";
import { member, turnOf } from "../trajectories.ts";

type Params = Record<string, unknown>;

/** A turn whose log-ratios against the reference (and the old policy) are the given ones. */
function ratios(
  q: readonly number[],
  fields: { mask?: number[]; steps?: [number, number, number][] } = {},
): Turn {
  const reference = q.map((_, t) => -1 - t);
  const policy = q.map((x, t) => x - 1 - t);
  const columns = {
    logprobs: policy,
    rm_logprobs: policy,
    ref_logprobs: reference,
    old_logprobs: reference,
  };
  return turnOf("assistant", q.length, { columns, ...fields });
}

const rollout = (q: readonly number[], reward: number, group = "g"): BatchMember =>
  member(group, [ratios(q)], { reward });

function lane(
  members: readonly BatchMember[],
  method: string,
  name: string,
  params: Params = {},
  r = 0,
): number[] {
  return [...makeBatch(members).credit(method, params).lane(r, name)];
}

function creditOf(members: readonly BatchMember[], method: string, params: Params = {}): AvailableCredit {
  const credit = makeBatch(members).credit(method, params).credit(0);
  if (credit.status !== "ok") throw new Error(credit.reason);
  return credit;
}

function expectNear(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((x, i) => expect(x).toBeCloseTo(expected[i]!, 9));
}

const q = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 });

describe("PRIME", () => {
  const plain = { norm: "none", whiten: false };

  test("two rollouts by hand: tokens times 2 less the sum of mean rewards, outcomes likewise, summed", () => {
    const members = [rollout([0.2, 0.4], 1), rollout([-0.1], 0)];
    // Means a token 0.3 and −0.1, n = 2: b = 0.2; tokens 0.4 − 0.2, 0.8 − 0.2; outcome 2 · 1 − 1 at the last.
    expectNear(lane(members, "prime", "implicit", plain), [0.2, 0.6]);
    expectNear(lane(members, "prime", "verifier", plain), [0, 1]);
    expectNear(lane(members, "prime", "credit", plain), [1.8, 1.6]);
    expectNear(lane(members, "prime", "credit", plain, 1), [-0.2 - 0.2 - 1]);
  });

  test("discounts a source each: γ 0.5 for process rewards, 0 for the outcome", () => {
    const members = [rollout([0.2, 0.4], 1), rollout([-0.1], 0)];
    const params = { ...plain, implicitGamma: 0.5, verifierGamma: 0 };
    expectNear(lane(members, "prime", "credit", params), [0.2 + 0.5 * 0.6, 1.6]);
  });

  test("the recipe scales by β and drops the last token; whole sums to the last; λ sums from each token on", () => {
    const one = [rollout([1, 2, 4], 1)];
    const score = (params: Params): number[] => lane(one, "prime", "score", { norm: "none", ...params });
    expectNear(score({ preset: "released:verlRecipe", norm: "none" }), [0.05, 0.1, 0]);
    expectNear(score({ granularity: "whole" }), [0, 0, 7]);
    expectNear(score({ lambda: 0.5 }), [1 + 0.5 * (2 + 0.5 * 4), 2 + 0.5 * 4, 4]);
    // The last token is what the others leave of the outcome: 1 − 3.
    expectNear(score({ lambda: 1, groundTruth: true }), [1, 0, -2]);
    expectNear(
      score({ norm: "batch" }),
      [1, 2, 4].map((x) => x / (7 + 1e-6)),
    );
  });

  test("refuses to put at the last token what it is told to drop there", () => {
    const params = { granularity: "whole", lastToken: "drop" };
    expect(() => makeBatch([rollout([1], 1)]).credit("prime", params)).toThrow(ParameterError);
  });

  test("a group of one is divided by zero in the release, or keeps its rewards", () => {
    expect(creditOf([rollout([0.5], 1)], "prime").flags).toEqual(["singleton", "non-finite", "few-tokens"]);
    expectNear(lane([rollout([0.5], 1)], "prime", "credit", { ...plain, singleton: "raw" }), [1.5]);
  });

  test("a group of one, and a rollout that nothing is trained on, leave the others' credit as it is", () => {
    const pair = [rollout([0.2, 0.4], 1), rollout([-0.1], 0)];
    const untrained = member("g", [ratios([3], { mask: [0] })], { reward: 1 });
    const numbers = lane([...pair, rollout([0.1], 1, "alone"), untrained], "prime", "credit");
    expect(numbers.every(Number.isFinite)).toBe(true);
    expectNear(numbers, lane(pair, "prime", "credit"));
  });

  test("each source is needed only where it is used", () => {
    const bare = member("g", [turnOf("assistant", 2)], { reward: 1 });
    const missing = (params: Params): readonly string[] => {
      const credit = makeBatch([bare]).credit("prime", params).credit(0);
      return credit.status === "ok" ? [] : credit.missing;
    };
    expect(missing({})).toEqual(["token.rm_logprobs", "token.ref_logprobs"]);
    expect(missing({ reference: "old" })).toEqual(["token.rm_logprobs", "token.old_logprobs"]);
    expect(missing({ implicit: "logged" })).toEqual(["token.rm_scores"]);
    expect(missing({ implicitWeight: 0 })).toEqual([]);
  });

  test("masked tokens have no process reward, and the outcome is at the last trained one", () => {
    const turn = ratios([1, 5, 2, 7], { mask: [1, 0, 1, 0] });
    const members = [member("g", [turn], { reward: 1 }), rollout([0], 0)];
    expectNear(lane(members, "prime", "score", plain), [1, 0, 2, 0]);
    expect(lane(members, "prime", "verifier", plain)).toEqual([0, 0, 1, 0]);
  });

  test("the parts of both sources add up to the credit, and whitened credits to 0", () => {
    const batch = fc.array(fc.tuple(q, fc.constantFrom(0, 1)), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(batch, fc.boolean(), (rollouts, whiten) => {
        const members = rollouts.map(([own, reward]) => rollout(own, reward));
        const all = members.flatMap((_, r) => lane(members, "prime", "credit", { whiten }, r));
        const parts = members.flatMap((_, r) => {
          const other = lane(members, "prime", "fromVerifier", { whiten }, r);
          return lane(members, "prime", "fromImplicit", { whiten }, r).map((x, t) => x + other[t]!);
        });
        expectNear(parts, all);
        if (whiten) expect(all.reduce((a, b) => a + b, 0) / all.length).toBeCloseTo(0, 4);
      }),
    );
  });
});

describe("implicit PRM", () => {
  const steps: [number, number, number][] = [
    [0, 2, NaN],
    [3, 4, NaN],
  ];

  test("β times the log-ratios up to the end of each step, what stands between counting for the later", () => {
    const members = [member(null, [ratios([1, 2, 4, 8, 16], { steps })])];
    expectNear(lane(members, "implicitPrm", "credit", { beta: 1 }), [3, 12]);
    expectNear(lane(members, "implicitPrm", "credit", { beta: 1, form: "accumulative" }), [3, 15]);
    expectNear(lane(members, "implicitPrm", "least", { beta: 1 }), [3]);
    expectNear(lane(members, "implicitPrm", "sum", { beta: 1, form: "accumulative" }), [18]);
    expectNear(lane(members, "implicitPrm", "credit", { beta: 1, reference: "none" }), [
      1 + 2 - 1 - 2,
      4 + 8 - 3 - 4,
    ]);
  });

  test("masked tokens do not count; a step without tokens has no score", () => {
    const turn = ratios([1, 2, 4], {
      mask: [1, 0, 1],
      steps: [
        [0, 2, NaN],
        [2, 3, NaN],
        [3, 3, NaN],
      ],
    });
    expect(lane([member(null, [turn])], "implicitPrm", "credit", { beta: 1 })).toEqual([1, 4, NaN]);
  });

  test("reads rm_logprobs on request, a scorer's log-probabilities where none are logged", () => {
    const turn = ratios([1, 2], { steps: [[0, 2, NaN]] });
    const { columns } = turn.tokens!;
    const scorers = new Map([...columns].map(([name, x]) => [name === "logprobs" ? "logprobs@lm" : name, x]));
    const scored = member(null, [{ ...turn, tokens: { ...turn.tokens!, columns: scorers } }]);
    expectNear(lane([scored], "implicitPrm", "credit", { beta: 1 }), [3]);
    expect(makeBatch([member(null, [turnOf("assistant", 2, { steps })])]).missing(0, "implicitPrm")).toEqual([
      "token.logprobs",
      "token.ref_logprobs",
    ]);
    expectNear(lane([member(null, [turn])], "implicitPrm", "credit", { beta: 1, model: "rm" }), [3]);
  });

  test("scores of the steps telescope to that of all up to the last one's end", () => {
    fc.assert(
      fc.property(fc.array(q, { minLength: 1, maxLength: 4 }), (parts) => {
        let from = 0;
        const spans = parts.map((own): [number, number, number] => [from, (from += own.length), NaN]);
        const members = [member(null, [ratios(parts.flat(), { steps: spans })])];
        const single = lane(members, "implicitPrm", "credit");
        const total = lane(members, "implicitPrm", "credit", { form: "accumulative" });
        expect(single.reduce((a, b) => a + b, 0)).toBeCloseTo(total.at(-1)!, 9);
      }),
    );
  });
});

describe("iStar", () => {
  const episode = (turns: readonly (readonly number[])[], reward: number, group = "g"): BatchMember =>
    member(
      group,
      turns.flatMap((own, i) => (i === 0 ? [ratios(own)] : [turnOf("tool", 1), ratios(own)])),
      { reward },
    );
  const plain = { beta: 1, norm: "none" };

  test("each turn against the first turns of the group: (r − mean) n/(n − 1), beside the episode's", () => {
    const members = [episode([[1, 1], [4]], 1), episode([[0]], 0)];
    // First turns 2 and 0: mean 1; episodes 1 and 0: mean ½; n/(n − 1) = 2.
    expectNear(lane(members, "istar", "credit", plain), [1 + 2 * (2 - 1), 1 + 2 * (4 - 1)]);
    expectNear(lane(members, "istar", "credit", { ...plain, omega: 0.5 }, 1), [-1 + 0.5 * -2]);
    const { turns } = creditOf(members, "istar", plain);
    expect(turns[1]!.credit).toBeNaN();
    expectNear([...turns[0]!.tokens!], [3, 3]);
  });

  test("with all turns for a baseline the mean of 2, 4 and 0 counts, times 3/2", () => {
    const members = [episode([[1, 1], [4]], 1), episode([[0]], 0)];
    const params = { ...plain, baseline: "all" };
    expectNear(lane(members, "istar", "stepAdvantage", params), [0, 3]);
  });

  test("GRPO's forms divide by the deviation or not; combined adds rewards first", () => {
    const members = [episode([[2]], 1), episode([[0]], 0)];
    expectNear(lane(members, "istar", "credit", { ...plain, form: "grpoMean" }), [0.5 + 1]);
    const deviations = { ...plain, form: "grpoMeanStd", epsilon: 0 };
    expectNear(lane(members, "istar", "credit", deviations), [2 * Math.sqrt(0.5)]);
    expectNear(lane(members, "istar", "credit", { ...plain, form: "combined" }), [2 * (3 - 1.5)]);
    expectNear(lane(members, "istar", "credit", { ...plain, form: "processOnly" }), [2]);
  });

  test("REINFORCE++ whitens both parts over tokens: a long turn weighs more", () => {
    const members = [episode([[1, 1, 1]], 1), episode([[0]], 0)];
    const params = { ...plain, form: "reinforcePlusPlus", omega: 0 };
    // ½ at three tokens, −½ at one: mean ¼, variance (3/16 + 9/16) / 3 = ¼.
    expectNear(
      lane(members, "istar", "credit", params).map((x) => +x.toFixed(6)),
      [0.5],
    );
  });

  test("the step reward of single tokens drops the last; batch norm bounds every return by 1", () => {
    const members = [episode([[1, 2], [4]], 1)];
    expectNear(lane(members, "istar", "reward", { ...plain, granularity: "token" }), [1, 0]);
    expectNear(lane(members, "istar", "reward", { beta: 1 }), [3 / (4 + 1e-6), 4 / (4 + 1e-6)]);
  });

  test("a group of one keeps raw rewards; rows that log each turn's episode reward are read on request", () => {
    expectNear(lane([episode([[2]], 1)], "istar", "credit", plain), [3]);
    const turn = { ...ratios([2]), extra: new Map([["episode_reward", 0.9]]) };
    const members = [member("g", [turn])];
    expectNear(lane(members, "istar", "credit", { ...plain, episode: "turn" }), [2.9]);
    expect(makeBatch(members).missing(0, "istar")).toEqual(["trajectory.reward"]);
    expect(
      makeBatch([member("g", [textTurn("assistant", "x", -1)], { reward: 1 })]).missing(0, "istar"),
    ).toEqual(["token.mask", "token.rm_logprobs", "token.old_logprobs"]);
  });

  test("first turns' advantages sum to 0 over a group, whatever the rewards are shifted by", () => {
    const batch = fc.array(fc.tuple(q, fc.constantFrom(0, 1)), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(batch, (episodes) => {
        const firsts = (shift: number): number[] => {
          const members = episodes.map(([own, reward]) => episode([own], reward + shift));
          return members.map((_, r) => lane(members, "istar", "credit", plain, r)[0]!);
        };
        expect(firsts(0).reduce((a, b) => a + b, 0)).toBeCloseTo(0, 9);
        expectNear(firsts(3), firsts(0));
      }),
    );
  });
});
