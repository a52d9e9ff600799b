import { type Adapter, verlMembers } from "../adapter.ts";

export const grpoVectorized: Adapter = {
  file: "grpo_vectorized",
  members: verlMembers,
  lanes: ({ epsilon, norm_adv_by_std_in_grpo: normalizeByStd }) => {
    const params = { epsilon: epsilon ?? 1e-6, normalizeByStd: normalizeByStd ?? true };
    const lane = (preset: string) =>
      ({ method: "grpo", params: { preset, ...params }, lane: "credit", shape: "positions" }) as const;
    return {
      advantages: lane("released:verlVectorized"),
      advantages_volcengine_variance_floor: lane("released:verlVectorizedOlder"),
    };
  },
};
