import { type Adapter, member, type OutputLane } from "../adapter.ts";
import { rowsOf } from "../golden.ts";

/** One row a turn. */
export const istarImplicitStepReward: Adapter = {
  file: "istar_implicit_step_reward",
  members: (inputs) => {
    const policy = rowsOf(inputs["rm_log_probs"]);
    const old = rowsOf(inputs["old_log_probs"]);
    return rowsOf(inputs["response_mask"]).map((mask, r) =>
      member({ group: null, mask, columns: { rm_logprobs: policy[r]!, old_logprobs: old[r]! } }, r),
    );
  },
  lanes: ({ beta, step_granularity: granularity }) => {
    const lane = (name: string, norm: "none" | "batch"): OutputLane => ({
      method: "istar",
      params: { form: "processOnly", beta: beta ?? 0.05, granularity: granularity ?? "step", norm },
      lane: name,
      shape: "positions",
    });
    return {
      rm_scores: lane("stepReward", "none"),
      rm_scores_batch_norm: lane("stepReward", "batch"),
      q: lane("logRatio", "none"),
    };
  },
};
