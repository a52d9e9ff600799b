import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BatchMember } from "../../../../src/core/credit/batchCredit.ts";
import { makeBatch } from "../../../../src/core/credit/engine.ts";
import { textTurn } from "../../../../src/core/rollout/textTrajectory.ts";
import type { Turn } from "../../../../src/core/rollout/trajectory.ts";
import { member, turnOf } from "../trajectories.ts";

interface Fields {
  readonly agent?: string;
  readonly state?: string;
  readonly reward?: number;
  readonly [name: string]: unknown;
}

function act({ agent, state, reward, ...extra }: Fields): Turn {
  return {
    ...textTurn("assistant", "act", -1),
    agent: agent ?? null,
    state: state ?? null,
    reward: reward ?? NaN,
    extra: new Map(Object.entries(extra)),
  };
}

function lanes(turns: readonly Turn[], method: string, params: Record<string, unknown> = {}) {
  const run = makeBatch([member("g", turns)]).credit(method, params);
  const credit = run.credit(0);
  if (credit.status !== "ok") throw new Error(credit.reason);
  return (name: string): number[] => [...run.lane(0, name)];
}

function near(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((x, i) => {
    if (Number.isNaN(x)) expect(actual[i]).toBeNaN();
    else expect(actual[i]).toBeCloseTo(x, 9);
  });
}

function missing(one: BatchMember, method: string, params: Record<string, unknown> = {}): readonly string[] {
  const credit = makeBatch([one]).credit(method, params).credit(0);
  return credit.status === "unavailable" ? credit.missing : [];
}

describe("read", () => {
  const plan = [
    act({ agent: "alice", state: "s0", q: 1.5, q_wait: 1 }),
    act({ agent: "bob", q: 1.2, q_wait: 1 }),
    act({ agent: "alice", state: "s1", q: 3, q_wait: 2 }),
    act({ agent: "bob", state: "s1", q: 4, q_wait: 2 }),
  ];

  test("an agent gets what its action adds to the plan so far; the first over all waiting", () => {
    const lane = lanes(plan, "read");
    near(lane("credit"), [0.5, -0.3, 1, 1]);
    near(lane("replan"), [0, 1, 0, 0]);
    near(lane("gap"), [0, 0, 0, 0]);
  });

  test("the joint advantage is Q(s, a) − Q(s, w)/γ: 1.2 − 1/0.5, 4 − 2/0.5", () => {
    near(lanes(plan, "read", { gamma: 0.5 })("joint"), [-0.8, -0.8, 0, 0]);
  });

  test("an agent that acts again begins a new joint step, in the same state too", () => {
    const again = [
      act({ agent: "a", state: "s", q: 2, q_wait: 1 }),
      act({ agent: "a", state: "s", q: 5, q_wait: 3 }),
    ];
    near(lanes(again, "read")("credit"), [1, 2]);
  });

  test("a value that is missing makes the next agent's advantage missing as well", () => {
    const holed = [plan[0]!, act({ agent: "bob", q_wait: 1 }), act({ agent: "carol", q: 2, q_wait: 1 })];
    near(lanes(holed, "read")("credit"), [0.5, NaN, NaN]);
  });

  test("the terms of a joint step telescope to Q(s, a) − Q(s, w)", () => {
    const number = fc.double({ min: -5, max: 5, noNaN: true });
    fc.assert(
      fc.property(number, fc.array(number, { minLength: 1, maxLength: 6 }), (wait, values) => {
        const turns = values.map((q, i) => act({ agent: `agent ${i}`, state: "s", q, q_wait: wait }));
        const sum = lanes(turns, "read")("credit").reduce((a, b) => a + b, 0);
        expect(sum).toBeCloseTo(values.at(-1)! - wait, 9);
      }),
    );
  });

  test("without agents, states or values it is unavailable", () => {
    expect(missing(member("g", [act({})]), "read")).toEqual([
      "turn.agent",
      "turn.state",
      "turn.q",
      "turn.q_wait",
    ]);
  });
});

describe("coma", () => {
  test("Q of the action less the policy's mean: 2 − (0.25·1 + 0.75·2) = 0.25", () => {
    const turn = act({ action: 1, action_probs: [0.25, 0.75], action_values: [1, 2] });
    const lane = lanes([turn], "coma");
    near(lane("credit"), [0.25]);
    near(lane("mass"), [1]);
  });

  test("lists of different lengths, or an action outside them, have no number", () => {
    const turns = [
      act({ action: 0, action_probs: [1], action_values: [1, 2] }),
      act({ action: 2, action_probs: [0.5, 0.5], action_values: [1, 2] }),
      act({ action: 0, action_probs: [0.5, 0.5], action_values: [1, null] }),
    ];
    near(lanes(turns, "coma")("credit"), [NaN, NaN, NaN]);
  });

  test("the expected credit under the policy is 0", () => {
    const pair = fc.tuple(
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      fc.double({ min: -3, max: 3, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1, maxLength: 5 }), (pairs) => {
        const mass = pairs.reduce((sum, [p]) => sum + p, 0);
        const probs = pairs.map(([p]) => p / mass);
        const values = pairs.map(([, q]) => q);
        const turns = values.map((_, action) => act({ action, action_probs: probs, action_values: values }));
        const credit = lanes(turns, "coma")("credit");
        expect(credit.reduce((sum, x, a) => sum + probs[a]! * x, 0)).toBeCloseTo(0, 9);
      }),
    );
  });
});

describe("mamql", () => {
  test("r = Q − γ·V of the agent's own next turn; 0 after its last", () => {
    const turns = [
      act({ agent: "a", action: 0, action_values: [1, 0] }),
      act({ agent: "b", action: 1, action_values: [5, 6] }),
      act({ agent: "a", action: 1, action_values: [0, 2] }),
    ];
    const next = Math.log(Math.exp(0) + Math.exp(2));
    near(lanes(turns, "mamql", { gamma: 0.9 })("credit"), [1 - 0.9 * next, 6, 2]);
  });

  test("towards temperature 0 the soft value is the largest", () => {
    const turns = [
      act({ agent: "a", action: 0, action_values: [1, 0] }),
      act({ agent: "a", action: 0, action_values: [3, 700] }),
    ];
    near(lanes(turns, "mamql", { gamma: 1, temperature: 1e-3 })("next"), [700, 0]);
  });
});

describe("marginQuality", () => {
  const debate = [
    act({ agent: "a", reward: 1 }),
    act({ agent: "b", reward: 0 }),
    act({ agent: "a", reward: 0 }),
    act({ agent: "b", reward: 1 }),
  ];

  test("debate, second round: Q = 1/2; margin R + ½(R − Q), quality R + ½(QR − (1 − Q)(1 − R))", () => {
    near(lanes(debate, "marginQuality", { form: "margin" })("credit"), [1, 0, -0.25, 1.25]);
    near(lanes(debate, "marginQuality")("credit"), [1, 0, -0.25, 1.25]);
  });

  test("with the outcome each turn gets ½ of its own row's last reward", () => {
    near(lanes(debate, "marginQuality", { withOutcome: true })("credit"), [1, 0.5, -0.25, 1.75]);
  });

  test("chain: Q is of the row's own earlier turns: 1, then (1 + 0)/2", () => {
    const chain = [1, 0, 1].map((reward) => act({ reward }));
    near(lanes(chain, "marginQuality", { form: "margin", layout: "chain" })("credit"), [1, -0.5, 1.25]);
  });

  test("mixture: shaping starts at the first turn with turn_id 1, without one at the second", () => {
    const mixture = (ids: number[]): Turn[] => ids.map((turn_id) => act({ reward: 1, turn_id }));
    const credit = (ids: number[]): number[] =>
      lanes(mixture(ids), "marginQuality", { layout: "mixture", alpha: 1 })("shift");
    near(credit([0, 0, 1]), [0, 0, 1]);
    near(credit([0, 2, 2]), [0, 1, 1]);
    near(credit([1, 1]), [NaN, 1]);
  });

  test("a reward that is missing is not counted, and its turn has none", () => {
    const holed = [act({ agent: "a", reward: 1 }), act({ agent: "b" }), act({ agent: "a", reward: 1 })];
    near(lanes(holed, "marginQuality", { form: "margin" })("before"), [NaN, NaN, 1]);
    near(lanes(holed, "marginQuality", { form: "margin" })("credit"), [1, NaN, 1]);
  });

  test("the margin grows with the reward, and α = 0 leaves the rewards", () => {
    const rewards = fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(rewards, (raw) => {
        const turns = raw.map((reward, i) => act({ agent: `agent ${i % 2}`, reward }));
        near(lanes(turns, "marginQuality", { alpha: 0 })("credit"), raw);
      }),
    );
  });
});

describe("comas", () => {
  const discussion = [
    act({ agent: "solver", side: 1 }),
    act({ agent: "critic", side: -1 }),
    act({ agent: "judge", side: 0, judgement: 3 }),
    act({ agent: "critic", side: -1 }),
    act({ agent: "judge", side: 0, judgement: 2 }),
  ];

  test("the critic gets 1 − s of the next judgement, the proposer the mean of both: (1 + ½)/2", () => {
    near(lanes(discussion, "comas")("credit"), [0.75, 0, 0, 0.5, 0]);
  });

  test("a score off the scale costs the judge 1 and says nothing about the others; a missing one says nothing at all", () => {
    const off = [discussion[0]!, discussion[1]!, act({ agent: "judge", side: 0, judgement: 7 })];
    near(lanes(off, "comas")("credit"), [NaN, NaN, -1]);
    const missingScore = [act({ agent: "s", side: 1 }), act({ agent: "j", side: 0 }), ...discussion];
    near(lanes(missingScore, "comas")("credit").slice(0, 2), [NaN, NaN]);
  });

  test("the scale and the judge's rewards are configurable", () => {
    const params = { low: 0, high: 10, wellFormed: 0.1 };
    near(lanes(discussion.slice(0, 3), "comas", params)("credit"), [0.3, 0.7, 0.1]);
  });

  test("per agent: less its mean, over its deviation: critic (0 − 0.25)/√(0.125 + 1e-8)", () => {
    const credit = lanes(discussion, "comas", { whiten: true })("credit");
    near(credit, [0, -0.25 / Math.sqrt(0.125 + 1e-8), 0, 0.25 / Math.sqrt(0.125 + 1e-8), 0]);
  });

  test("proposer and critic share one point", () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 3, noNaN: true }), (judgement) => {
        const [a, b] = lanes(
          [act({ agent: "a", side: 1 }), act({ agent: "b", side: -1 }), act({ side: 0, judgement })],
          "comas",
        )("credit");
        expect(a! + b!).toBeCloseTo(1, 12);
      }),
    );
  });
});

describe("ami", () => {
  test("reward plus λ times the mass of the others: 0.5 + 2·(0.25 + 0.5), the own slot left out", () => {
    const turn = act({ agent: "adversary", reward: 0.5, slot: 1, target_probs: [0.25, 0.9, 0.5] });
    near(lanes([turn], "ami", { lambda: 2 })("credit"), [2]);
  });

  test("influence is the total variation of a victim's policies: (0.5 + 0.5)/2, from 0 to 1", () => {
    const turns = [
      act({ agent: "a", policy_given: [0.75, 0.25], policy_marginal: [0.25, 0.75] }),
      act({ agent: "a", policy_given: [1, 0], policy_marginal: [1, 0] }),
      act({ agent: "a", policy_given: [1], policy_marginal: [1, 0] }),
    ];
    near(lanes(turns, "ami", { form: "influence" })("credit"), [0.5, 0, NaN]);
  });

  test("what is missing depends on the form", () => {
    const bare = member("g", [act({ agent: "a", reward: 1 })]);
    expect(missing(bare, "ami")).toEqual(["turn.slot", "turn.target_probs[]"]);
    expect(missing(bare, "ami", { form: "influence" })).toEqual([
      "turn.policy_given[]",
      "turn.policy_marginal[]",
    ]);
  });
});

describe("bayesNet", () => {
  const joint = [
    act({ agent: "a", state: "s", logprob: -1, logprob_marginal: -1, parents: [] }),
    act({ agent: "b", state: "s", logprob: -0.5, logprob_marginal: -2, parents: [0] }),
    act({ agent: "c", state: "s", logprob: -0.25, logprob_marginal: -0.25, parents: [0, 2] }),
    act({ agent: "a", state: "t", logprob: -3, logprob_marginal: -3, parents: [] }),
  ];

  test("conditionals of a joint step sum to the joint log-probability", () => {
    const lane = lanes(joint, "bayesNet");
    near(lane("credit"), [-1, -0.5, -0.25, -3]);
    near(lane("joint"), [-1.75, -1.75, -1.75, -3]);
  });

  test("what knowing the parents adds: −0.5 − −2", () => {
    near(lanes(joint, "bayesNet", { form: "gain" })("credit"), [0, 1.5, 0, 0]);
  });

  test("a parent that does not act before its child is against the DAG's order", () => {
    near(lanes(joint, "bayesNet", { checkOrder: true })("late"), [0, 0, 1, 0]);
  });

  test("the sum over trained tokens stands for the turn's number", () => {
    const spoken = {
      ...turnOf("assistant", 3, { mask: [1, 0, 1], columns: { logprobs: [-1, -9, -0.5] } }),
      agent: "a",
      state: "s",
    };
    near(lanes([spoken], "bayesNet", { from: "tokens" })("credit"), [-1.5]);
  });
});
