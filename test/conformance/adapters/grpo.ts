import { type Adapter, verlMembers } from "../adapter.ts";

export const grpo: Adapter = {
  file: "grpo",
  members: verlMembers,
  lanes: ({ epsilon, norm_adv_by_std_in_grpo: normalizeByStd }) => ({
    advantages: {
      method: "grpo",
      params: { preset: "released:verl", epsilon: epsilon ?? 1e-6, normalizeByStd: normalizeByStd ?? true },
      lane: "credit",
      shape: "positions",
    },
  }),
};
