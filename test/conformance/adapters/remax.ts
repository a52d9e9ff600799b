import { type Adapter, verlMembers } from "../adapter.ts";
import { rowsOf } from "../golden.ts";

/** `reward_baselines`, the greedy answers' rewards, are the rollouts' `baseline`. */
export const remax: Adapter = {
  file: "remax",
  members(inputs) {
    const baselines = rowsOf(inputs["reward_baselines"]);
    return verlMembers(inputs).map(({ trajectory, groupKey }, r) => ({
      trajectory: { ...trajectory, extra: new Map([["baseline", baselines[r]![0]]]) },
      groupKey,
    }));
  },
  lanes: () => ({
    advantages: { method: "remax", params: {}, lane: "credit", shape: "positions" },
    returns: { method: "remax", params: {}, lane: "returns", shape: "positions" },
  }),
};
