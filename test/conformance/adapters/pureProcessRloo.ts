import { type Adapter, member, stepsAt } from "../adapter.ts";
import { numberOf, rowsOf } from "../golden.ts";

/**
 * The process rewards are weighted already, so the form is their sum; the product reads r as p = (r + 1) / 2. `match` is
 * −1 where the official code found no answer: for the product, an outcome that is not known. The official token rewards
 * come before the KL penalty.
 */
export const pureProcessRloo: Adapter = {
  file: "pure_process_rloo",
  members: (inputs, output) => {
    const rewards = rowsOf(inputs["process_reward"]);
    const ends = rowsOf(inputs["reward_mask"]);
    const mask = rowsOf(inputs["action_mask"]);
    const kl = inputs["kl"] === undefined ? undefined : rowsOf(inputs["kl"]);
    const solved = inputs["solved"] as readonly unknown[];
    const answered = inputs["have_answers"] as readonly unknown[];
    return rewards.map((row, r) =>
      member(
        {
          group: `group ${Math.floor(r / numberOf(inputs["n_samples_per_prompt"]))}`,
          mask: mask[r]!,
          success: output === "match" && answered[r] === false ? null : numberOf(solved[r]) === 1,
          steps: stepsAt(
            ends[r]!,
            row.map((x) => (x + 1) / 2),
          ),
          columns: kl === undefined ? {} : { kl: kl[r]! },
        },
        r,
      ),
    );
  },
  lanes: (inputs) => {
    const params = {
      form: "sum",
      baseline: inputs["reward_baseline"],
      verifier: inputs["verifier_reward"] ?? false,
      verifierWeight: inputs["verifiable_reward_coef"] ?? 1,
      beta: inputs["kl_coef"] ?? 0,
      separators: inputs["nomask_separator_adv"] ?? false,
    };
    const lane = (name: string, shape: "positions" | "own") =>
      ({ method: "pure", params, lane: name, shape }) as const;
    return {
      token_rewards: {
        method: "pure",
        params: { ...params, beta: 0 },
        lane: "tokenRewards",
        shape: "positions",
      },
      returns: lane("returns", "positions"),
      advantages: lane("advantages", "positions"),
      outcome: lane("outcome", "own"),
      match: { method: "pure", params: { ...params, verifier: false }, lane: "match", shape: "own" },
    };
  },
};
