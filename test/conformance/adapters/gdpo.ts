import { type Adapter, type Inputs, member } from "../adapter.ts";
import { numberOf, rowsOf } from "../golden.ts";

export const gdpo: Adapter = {
  file: "gdpo",
  members(inputs) {
    const { response_mask: mask, index } = inputs;
    const columns = Object.entries(componentsOf(inputs));
    return rowsOf(mask).map((row, r) => {
      const group = String((index as readonly unknown[])[r]);
      const { trajectory, groupKey } = member({ group, mask: row }, r);
      const rewards = new Map(columns.map(([name, values]) => [name, numberOf(values[r])]));
      return { trajectory: { ...trajectory, rewards }, groupKey };
    });
  },
  lanes(inputs) {
    const { weights, epsilon, norm_adv_by_std_in_grpo: normalizeByStd } = inputs;
    const names = Object.keys(componentsOf(inputs));
    const list = (weights ?? names.map(() => 1)) as readonly unknown[];
    const params = {
      preset: "released:verl",
      weights: Object.fromEntries(names.map((name, k) => [name, numberOf(list[k])])),
      epsilon: epsilon ?? 1e-6,
      normalizeByStd: normalizeByStd ?? true,
    };
    return { advantages: { method: "gdpo", params, lane: "credit", shape: "positions" } };
  },
};

/** Without components the official code takes the tokens' rewards for the only one. */
function componentsOf(inputs: Inputs): Readonly<Record<string, readonly unknown[]>> {
  const { components, token_level_rewards: rewards } = inputs;
  if (components !== undefined && components !== null)
    return components as Readonly<Record<string, readonly unknown[]>>;
  return { reward: rowsOf(rewards).map((row) => row.reduce((a, b) => a + b, 0)) };
}
