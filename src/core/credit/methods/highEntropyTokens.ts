import { creditMethod } from "../method.ts";
import {
  baseAdvantage,
  baseColumns,
  baseFormula,
  baseLanes,
  baseNeeds,
  baseParams,
} from "../primitives/baseAdvantage.ts";
import { selectLargest } from "../primitives/selectLargest.ts";

/**
 * High-entropy tokens: only the ρ most uncertain tokens of the batch keep their advantage.
 *
 * Beyond the 80/20 Rule (arXiv:2506.01939); fatebreaker/tempo `compute_hepo_outcome_advantage`: ⌊ρ·Σm⌋ largest entropies
 * of the whole batch. The release ranks masked positions too, which then take places without earning credit (`masked`;
 * padding has entropy 0 and so rarely does). Of equal entropies the first in the log wins.
 */
export const highEntropyTokens = creditMethod({
  id: "highEntropyTokens",
  label: "High-entropy tokens",
  doc: "Keeps the advantage of the batch's most uncertain tokens (`tokens.entropy`) only; all others get 0.",
  paper: "https://arxiv.org/abs/2506.01939",
  math: String.raw`\hat A_t = A_t \cdot [\,H_t \text{ among the } \lfloor \rho \textstyle\sum m \rfloor \text{ largest}\,]`,
  status: "code",
  level: "token",
  comparesGroup: true,
  needs: ["mask", "token.entropy"],
  uses: baseColumns,
  alsoNeeds: baseNeeds,
  params: {
    rho: {
      kind: "number",
      default: 0.2,
      min: 0,
      max: 1,
      doc: "share of the batch's trained tokens that count",
    },
    masked: {
      kind: "boolean",
      default: true,
      doc: "let masked positions take places by their entropy too, as released; else rank trained tokens alone",
    },
    ...baseParams,
  },
  presets: { "released:tempo": {}, paper: { masked: false } },
  lanes: {
    ...baseLanes,
    threshold: { level: "batch", doc: "least entropy that counts" },
    weight: { level: "token", doc: "1 on the tokens that count, else 0", kind: "weight" },
  },
  run(batch, params, { threshold, weight, credit, ...lanes }) {
    baseAdvantage(batch, params, lanes);
    const { mask } = batch;
    const trained = mask.reduce((n, m) => n + m, 0);
    const count = Math.floor(trained * params.rho);
    const contest = { from: 0, to: mask.length, count, among: params.masked ? null : mask };
    threshold[0] = selectLargest(batch["token.entropy"], contest, weight);
    for (let t = 0; t < credit.length; t++) credit[t] = lanes.base[t]! * weight[t]!;
  },
  formula: (params) => [
    ...baseFormula(params),
    { left: "Â", symbols: "A · w", numbers: "{base} · {weight}", equals: "credit" },
  ],
});
