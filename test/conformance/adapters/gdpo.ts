import { type Adapter, member } from "../adapter.ts";
import { numberOf, rowsOf } from "../golden.ts";

export const gdpo: Adapter = {
  file: "gdpo",
  members({ components, response_mask: mask, index }) {
    const columns = Object.entries(components as Readonly<Record<string, readonly unknown[]>>);
    return rowsOf(mask).map((row, r) => {
      const group = String((index as readonly unknown[])[r]);
      const { trajectory, groupKey } = member({ group, mask: row }, r);
      const rewards = new Map(columns.map(([name, values]) => [name, numberOf(values[r])]));
      return { trajectory: { ...trajectory, rewards }, groupKey };
    });
  },
  lanes({ components, weights, epsilon, norm_adv_by_std_in_grpo: normalizeByStd }) {
    const names = Object.keys(components as object);
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
