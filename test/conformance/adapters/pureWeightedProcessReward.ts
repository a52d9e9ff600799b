import { type Adapter, member, stepsAt } from "../adapter.ts";
import { numberOf, rowsOf } from "../golden.ts";

/** p is the softmax of the two logits at the step's end; the product's PR = 2p − 1 is then p₁ − p₀. */
export const pureWeightedProcessReward: Adapter = {
  file: "pure_weighted_process_reward",
  members: ({ logits, reward_mask: ends }) =>
    rowsOf(ends).map((row, r) => {
      const pairs = (logits as readonly (readonly unknown[])[])[r]!.map((pair) =>
        (pair as readonly unknown[]).map(numberOf),
      );
      const p = pairs.map(([no, yes]) => 1 / (1 + Math.exp(no! - yes!)));
      return member({ group: null, mask: row.map(() => 1), steps: stepsAt(row, p) }, r);
    }),
  lanes: ({ temperature, disable_weighted_reward: unweighted }) => {
    const params = {
      form: unweighted === true ? "mean" : "soft",
      temperature: temperature ?? 0.1,
      baseline: "none",
      singleton: "zero",
    };
    return {
      process_reward: { method: "pure", params, lane: "tokenRewards", shape: "positions" },
      outcome_reward: { method: "pure", params, lane: "outcome", shape: "own" },
    };
  },
};
