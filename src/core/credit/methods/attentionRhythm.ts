import { creditMethod } from "../method.ts";
import {
  baseAdvantage,
  baseColumns,
  baseFormula,
  baseLanes,
  baseNeeds,
  baseParams,
} from "../primitives/baseAdvantage.ts";
import { rhythmWeights } from "../primitives/rhythmWeights.ts";

/**
 * Attention rhythm: tokens where the model plans ahead (its attention jumps far back, WAAD) and tokens that later ones
 * look back to (FAI) get more of a good advantage.
 *
 * Attention Illuminates LLM Reasoning (arXiv:2510.13554), from the text: γ multiplies advantages that are not negative.
 * Reads `tokens.waad` and `tokens.fai`; `primitives/attentionMap.ts` makes them of attention maps. What the text leaves
 * open is chosen here: the 40 % are rounded down, and τ is a quantile of the rollout's own WAAD (`threshold`).
 */
export const attentionRhythm = creditMethod({
  id: "attentionRhythm",
  label: "Attention rhythm",
  doc: "Amplifies good advantages on planning tokens (`tokens.waad`: attention distance) and anchor tokens (`tokens.fai`: influence on later tokens).",
  paper: "https://arxiv.org/abs/2510.13554",
  math: String.raw`\hat A_t = \gamma_t A_t \ \text{if}\ A_t \ge 0,\qquad \gamma_t = 1 + (\gamma_{amp}-1)\left([t \in T_{glob} \setminus D] + (1-\alpha)[t \in D] + \alpha[t \in intro(D)]\right)`,
  status: "text",
  level: "token",
  comparesGroup: true,
  needs: ["mask", "token.waad", "token.fai"],
  uses: baseColumns,
  alsoNeeds: baseNeeds,
  params: {
    form: {
      kind: "choice",
      choices: ["coupled", "local", "global"],
      default: "coupled",
      doc: "amplify anchors and what introduces them, planning tokens, or anchors",
    },
    share: {
      kind: "number",
      default: 0.4,
      min: 0,
      max: 1,
      doc: "share of a rollout's trained tokens in each set",
    },
    amplification: { kind: "number", default: 1.5, min: 0, doc: "multiplier of a chosen token's advantage" },
    alpha: {
      kind: "number",
      default: 0.5,
      min: 0,
      max: 1,
      doc: "coupled: part of an anchor's gain that goes to the token that introduces it",
    },
    reach: {
      kind: "number",
      whole: true,
      default: 3,
      min: 1,
      doc: "coupled: how many tokens before an anchor its introducer may lie",
    },
    threshold: {
      kind: "number",
      default: 0.5,
      min: 0,
      max: 1,
      doc: "coupled: quantile of the rollout's WAAD up to which an anchor has an introducer (the paper's τ; own choice)",
    },
    ...baseParams,
  },
  presets: { paper: {}, local: { form: "local" }, global: { form: "global" } },
  lanes: {
    ...baseLanes,
    change: { level: "token", doc: "|WAAD − WAAD of the next token|" },
    plan: { level: "token", doc: "1 on planning tokens" },
    anchor: { level: "token", doc: "1 on anchor tokens" },
    gain: { level: "token", doc: "part of the amplification that the token gets" },
    weight: { level: "token", doc: "multiplier of the advantage; 1 where that is negative", kind: "weight" },
  },
  run(batch, params, { weight, credit, ...lanes }) {
    baseAdvantage(batch, params, lanes);
    rhythmWeights(batch, { waad: batch["token.waad"], fai: batch["token.fai"] }, params, lanes);
    for (let t = 0; t < credit.length; t++) {
      weight[t] = lanes.base[t]! < 0 ? 1 : 1 + (params.amplification - 1) * lanes.gain[t]!;
      credit[t] = lanes.base[t]! * weight[t]!;
    }
  },
  formula: (params) => [
    ...baseFormula(params),
    { left: "Â", symbols: "A · γ", numbers: "{base} · {weight}", equals: "credit" },
  ],
});
