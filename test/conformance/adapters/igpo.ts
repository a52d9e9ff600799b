import { type Adapter, verlMembers } from "../adapter.ts";

export const igpo: Adapter = {
  file: "igpo",
  members: verlMembers,
  lanes({ variant, gamma, epsilon, norm_adv_by_std_in_grpo: normalizeByStd }) {
    const params =
      variant === "discounted"
        ? {
            preset: "released:igpoDiscounted",
            gamma: gamma ?? 0.5,
            epsilon: epsilon ?? 1e-6,
            normalizeByStd: normalizeByStd ?? true,
          }
        : { preset: "released:igpo" };
    const lane = (
      name: string,
    ): { method: string; params: typeof params; lane: string; shape: "positions" } => ({
      method: "igpo",
      params,
      lane: name,
      shape: "positions",
    });
    return { advantages: lane("credit"), returns: lane("returns") };
  },
};
