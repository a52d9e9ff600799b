import { makeBatch } from "../../../src/core/credit/engine.ts";
import { type Adapter, member } from "../adapter.ts";
import { numberOf, rowsOf } from "../golden.ts";
import { rowsOrNull } from "./primeRlooOriginal.ts";

/**
 * The recipe's names of settings. Its granularity "whole" fails in the official code: the product refuses to put at the last
 * token what it is told to drop there.
 */
export const primeImplicitRewardRecipe: Adapter = {
  file: "prime_implicit_reward_recipe",
  values: (inputs) => {
    const policy = rowsOf(inputs["rm_log_probs"]);
    const reference = rowsOf(inputs["ref_log_probs"]);
    const outcome = rowsOrNull(inputs["acc"]);
    const members = rowsOf(inputs["response_mask"]).map((mask, r) =>
      member(
        {
          group: null,
          mask,
          ...(outcome === null ? {} : { reward: outcome[r]![0]! }),
          columns: { rm_logprobs: policy[r]!, ref_logprobs: reference[r]! },
        },
        r,
      ),
    );
    const params = {
      preset: "released:verlRecipe",
      beta: numberOf(inputs["beta"] ?? 0.05),
      lambda: numberOf(inputs["lambda_"] ?? 0),
      groundTruth: inputs["prime_use_gt"] ?? false,
      granularity: inputs["prime_granularity"] ?? "token",
      verifierWeight: 0,
    };
    const batch = makeBatch(members);
    const lane = (name: string, norm: string) =>
      members.map((_, r) => batch.credit("prime", { ...params, norm }).lane(r, name));
    return {
      token_level_score: lane("score", "none"),
      q: lane("q", "none"),
      token_level_score_batch_norm: lane("score", "batch"),
    };
  },
};
