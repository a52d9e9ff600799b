import { type Adapter, member } from "../adapter.ts";
import { numberOf, rowsOf } from "../golden.ts";

/** Groups are `num_generations` rows one after the other; a column of the matrix is a reward function. */
export const trlGrpo: Adapter = {
  file: "trl_grpo",
  members: ({ rewards_per_func: matrix, num_generations: n }) =>
    rowsOf(matrix).map((row, r) => {
      const { trajectory, groupKey } = member(
        { group: `group ${Math.floor(r / numberOf(n))}`, mask: [1] },
        r,
      );
      return { trajectory: { ...trajectory, rewards: new Map(row.map((x, k) => [`f${k}`, x])) }, groupKey };
    }),
  lanes({ reward_weights: list, scale_rewards: scaleRewards, multi_objective_aggregation: aggregation }) {
    const weights = Object.fromEntries(
      ((list ?? []) as readonly unknown[]).map((weight, k) => [`f${k}`, numberOf(weight)]),
    );
    const preset = aggregation === "normalize_then_sum" ? "released:trlNormalizeThenSum" : "released:trl";
    const params = { preset, weights, scaleRewards: scaleRewards ?? "group" };
    const lane = (name: string) => ({ method: "grpo", params, lane: name, shape: "own" }) as const;
    return {
      advantages: lane("credit"),
      is_std_zero: lane("zeroStd"),
      frac_reward_zero_std: lane("zeroStdShare"),
    };
  },
};
