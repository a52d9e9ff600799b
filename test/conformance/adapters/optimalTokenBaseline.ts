import { type Adapter, member } from "../adapter.ts";
import { rowsOf } from "../golden.ts";

export const optimalTokenBaseline: Adapter = {
  file: "optimal_token_baseline",
  members: (inputs) => {
    const rows = (name: string): readonly (readonly number[])[] => rowsOf(inputs[name]);
    const [rewards, mask, index] = [rows("token_level_rewards"), rows("response_mask"), inputs["index"]];
    const [logprobs, squares] = [rows("old_log_probs"), rows("sum_pi_squared")];
    const weights = Array.isArray(inputs["rollout_is_weights"]) ? rows("rollout_is_weights") : null;
    return rewards.map((row, r) =>
      member(
        {
          group: String((index as readonly unknown[])[r]),
          mask: mask[r]!,
          columns: {
            rewards: row,
            old_logprobs: logprobs[r]!,
            sum_pi_squared: squares[r]!,
            ...(weights === null ? {} : { rollout_is_weights: weights[r]! }),
          },
        },
        r,
      ),
    );
  },
  lanes: ({ handle_zero_tail: zeroTail, epsilon, rollout_is_weights: weights }) => {
    const params = {
      zeroTail: zeroTail ?? true,
      epsilon: epsilon ?? 1e-8,
      importance: Array.isArray(weights),
    };
    const lane = (name: string) =>
      ({ method: "optimalTokenBaseline", params, lane: name, shape: "positions" }) as const;
    return { advantages: lane("credit"), returns: lane("returns") };
  },
};
