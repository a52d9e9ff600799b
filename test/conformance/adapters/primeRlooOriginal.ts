import { type Adapter, member } from "../adapter.ts";
import { numberOf, rowsOf } from "../golden.ts";

/** Groups are n consecutive rows; of the verifier's scores only the one at the last response token is read. */
export const primeRlooOriginal: Adapter = {
  file: "prime_rloo_original",
  members: (inputs) => {
    const scores = rowsOrNull(inputs["rm_scores"]);
    const outcome = rowsOrNull(inputs["gt_scores"]);
    return rowsOf(inputs["response_mask"]).map((mask, r) =>
      member(
        {
          group: `group ${Math.floor(r / numberOf(inputs["n_samples"]))}`,
          mask,
          ...(outcome === null ? {} : { reward: outcome[r]![mask.lastIndexOf(1)]! }),
          columns: scores === null ? {} : { rm_scores: scores[r]! },
        },
        r,
      ),
    );
  },
  lanes: (inputs) => {
    const params = {
      preset: "released:prime",
      implicit: "logged",
      implicitWeight: rowsOrNull(inputs["rm_scores"]) === null ? 0 : 1,
      verifierWeight: rowsOrNull(inputs["gt_scores"]) === null ? 0 : 1,
      implicitGamma: numberOf(inputs["reward_model_gamma"] ?? 1),
      verifierGamma: numberOf(inputs["verifier_gamma"] ?? 1),
    };
    return {
      advantages: { method: "prime", params, lane: "credit", shape: "positions" },
      returns: { method: "prime", params, lane: "returns", shape: "positions" },
    };
  },
};

/** A source of rewards that the case leaves out is null. */
export function rowsOrNull(value: unknown): readonly (readonly number[])[] | null {
  return value === null || value === undefined ? null : rowsOf(value);
}
