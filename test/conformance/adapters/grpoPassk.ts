import { type Adapter, verlMembers } from "../adapter.ts";

export const grpoPassk: Adapter = {
  file: "grpo_passk",
  members: verlMembers,
  lanes: ({ epsilon, norm_adv_by_std_in_grpo: normalizeByStd }) => ({
    advantages: {
      method: "grpoPassk",
      params: { epsilon: epsilon ?? 1e-6, normalizeByStd: normalizeByStd ?? true },
      lane: "credit",
      shape: "positions",
    },
  }),
};
