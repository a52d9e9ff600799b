import { type Adapter, member } from "../adapter.ts";
import { rowsOf } from "../golden.ts";

export const highEntropyTokens: Adapter = {
  file: "high_entropy_tokens",
  members: ({ token_level_rewards: rewards, response_mask: masks, entropys, index }) => {
    const mask = rowsOf(masks);
    const entropy = rowsOf(entropys);
    return rowsOf(rewards).map((row, r) =>
      member(
        {
          group: String((index as readonly unknown[])[r]),
          mask: mask[r]!,
          columns: { rewards: row, entropy: entropy[r]! },
        },
        r,
      ),
    );
  },
  lanes: ({ rho, epsilon, norm_adv_by_std_in_grpo: normalizeByStd }) => ({
    advantages: {
      method: "highEntropyTokens",
      params: {
        preset: "released:tempo",
        rho: rho ?? 0.2,
        epsilon: epsilon ?? 1e-6,
        normalizeByStd: normalizeByStd ?? true,
      },
      lane: "credit",
      shape: "positions",
    },
  }),
};
