import { creditMethod } from "../method.ts";
import {
  baseAdvantage,
  baseColumns,
  baseFormula,
  baseLanes,
  baseNeeds,
  baseParams,
} from "../primitives/baseAdvantage.ts";
import { lastTrained } from "../primitives/processReward.ts";

/**
 * VERL advantage shaping: a bonus from the hidden states' effective rank is added to the advantage, never more than a
 * part of it, and never a malus.
 *
 * Â = A + min(relu(bonus), |A| / κ) (arXiv:2509.23808); hf618/VERL `compute_advantage`, the `add_adv` block. The
 * release's bonus sits on the last token and has passed through bfloat16, so its last digits differ from these.
 */
export const verlShaping = creditMethod({
  id: "verlShaping",
  label: "VERL shaping",
  doc: "Adds a bonus for how hidden states move (`tokens.aux_rewards`, or `aux_reward` at the last token), at most |A|/κ.",
  paper: "https://arxiv.org/abs/2509.23808",
  math: String.raw`\hat A_t = A_t + \min\left(\operatorname{relu}(b_t),\ |A_t| / \kappa\right)`,
  status: "code",
  level: "token",
  comparesGroup: true,
  needs: ["mask"],
  uses: [...baseColumns, "token.aux_rewards", "trajectory.aux_reward"],
  alsoNeeds: (params) => [
    ...baseNeeds(params),
    params.bonus === "tokens" ? "token.aux_rewards" : "trajectory.aux_reward",
  ],
  params: {
    kappa: { kind: "number", default: 2, min: 1e-9, doc: "the bonus is at most |A| / κ" },
    bonus: {
      kind: "choice",
      choices: ["tokens", "last"],
      default: "tokens",
      doc: "read `tokens.aux_rewards`, or the trajectory's `aux_reward` at its last trained token",
    },
    ...baseParams,
  },
  presets: { "released:verl": {}, last: { bonus: "last" } },
  lanes: {
    ...baseLanes,
    aux: { level: "token", doc: "auxiliary reward before it is clipped" },
    magnitude: { level: "token", doc: "|A|" },
    bonus: { level: "token", doc: "what is added", kind: "component" },
  },
  run(batch, params, { aux, magnitude, bonus, credit, ...lanes }) {
    baseAdvantage(batch, params, lanes);
    if (params.bonus === "tokens") aux.set(batch["token.aux_rewards"]!);
    else {
      aux.fill(0);
      for (let r = 0; r < batch.nRollouts; r++) {
        const last = lastTrained(batch, r);
        if (last >= 0) aux[last] = batch["trajectory.aux_reward"]![r]!;
      }
    }
    for (let t = 0; t < credit.length; t++) {
      magnitude[t] = Math.abs(lanes.base[t]!);
      bonus[t] = Math.min(Math.max(aux[t]!, 0), magnitude[t]! / params.kappa);
      credit[t] = lanes.base[t]! + bonus[t]!;
    }
  },
  formula: (params) => [
    ...baseFormula(params),
    {
      left: "b",
      symbols: "min(relu(aux), |A| / κ)",
      numbers: "min(max({aux}, 0), {magnitude} / {kappa})",
      equals: "bonus",
    },
    { left: "Â", symbols: "A + b", numbers: "{base} + {bonus}", equals: "credit" },
  ],
});
