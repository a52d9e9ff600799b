import { type Adapter, member } from "../adapter.ts";
import { numberOf, rowsOf } from "../golden.ts";

const presets = new Map<unknown, string>([
  [undefined, "released:trl"],
  ["sum_then_normalize", "released:trl"],
  ["normalize_then_sum", "released:trlNormalizeThenSum"],
]);

/** TRL takes the older true and false too; its default is the group. */
const scales = new Map<unknown, string>([
  [undefined, "group"],
  [true, "group"],
  [false, "none"],
]);

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
    const preset = presets.get(aggregation) ?? aggregation;
    const params = { preset, weights, scaleRewards: scales.get(scaleRewards) ?? scaleRewards };
    const lane = (name: string) => ({ method: "grpo", params, lane: name, shape: "own" }) as const;
    return {
      advantages: lane("credit"),
      is_std_zero: lane("zeroStd"),
      frac_reward_zero_std: lane("zeroStdShare"),
    };
  },
};
