import { type Adapter, verlMembers } from "../adapter.ts";

export const tempo: Adapter = {
  file: "tempo",
  members: verlMembers,
  lanes: ({ epsilon, norm_adv_by_std_in_grpo: normalizeByStd }) => ({
    advantages: {
      method: "tempo",
      // A golden row is the response itself: nothing of a turn's scaffold stands before it.
      params: {
        preset: "released:tempo",
        holes: "stopAtOnce",
        epsilon: epsilon ?? 1e-6,
        normalizeByStd: normalizeByStd ?? true,
      },
      lane: "credit",
      shape: "positions",
    },
  }),
};
