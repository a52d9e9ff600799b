import { type Adapter, member } from "../adapter.ts";
import { numberOf, rowsOf } from "../golden.ts";
import { rowsOrNull } from "./primeRlooOriginal.ts";

/** Groups are n consecutive rows; the accuracy is the reward. */
export const primeRlooRecipe: Adapter = {
  file: "prime_rloo_recipe",
  members: (inputs) => {
    const scores = rowsOrNull(inputs["rm_scores"]);
    const outcome = rowsOrNull(inputs["acc"]);
    return rowsOf(inputs["response_mask"]).map((mask, r) =>
      member(
        {
          group: `group ${Math.floor(r / numberOf(inputs["n_samples"]))}`,
          mask,
          ...(outcome === null ? {} : { reward: outcome[r]![0]! }),
          columns: scores === null ? {} : { rm_scores: scores[r]! },
        },
        r,
      ),
    );
  },
  lanes: (inputs) => {
    const params = {
      preset: "released:verlRecipe",
      implicit: "logged",
      implicitWeight: rowsOrNull(inputs["rm_scores"]) === null ? 0 : numberOf(inputs["reward_dpo_coef"] ?? 5),
      verifierWeight: rowsOrNull(inputs["acc"]) === null ? 0 : numberOf(inputs["reward_gt_coef"] ?? 5),
    };
    return {
      advantages: { method: "prime", params, lane: "credit", shape: "positions" },
      returns: { method: "prime", params, lane: "returns", shape: "positions" },
    };
  },
};
