import { type Adapter, type Inputs, member, type OutputLane } from "../adapter.ts";
import { rowsOf } from "../golden.ts";

/** The original repository has no β and keeps the last token; its log-ratio is not trimmed at padding. */
export const primeImplicitReward: Adapter = {
  file: "prime_implicit_reward",
  members: (inputs: Inputs) => {
    const policy = rowsOf(inputs["log_probs"]);
    const reference = rowsOf(inputs["ref_log_probs"]);
    return rowsOf(inputs["response_mask"]).map((mask, r) =>
      member({ group: null, mask, columns: { rm_logprobs: policy[r]!, ref_logprobs: reference[r]! } }, r),
    );
  },
  lanes: ({ prime_granularity: granularity }) => {
    const lane = (name: string, norm: "none" | "batch"): OutputLane => ({
      method: "prime",
      params: { preset: "released:prime", granularity: granularity ?? "token", norm, verifierWeight: 0 },
      lane: name,
      shape: "positions",
    });
    return {
      token_level_score: lane("score", "none"),
      q: lane("logRatio", "none"),
      token_level_score_batch_norm: lane("score", "batch"),
    };
  },
};
