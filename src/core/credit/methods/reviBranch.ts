import { creditMethod } from "../method.ts";
import { shares, spread } from "../primitives/redistribute.ts";

/**
 * ReviBranch's redistribution: the return of a branch-and-bound episode spread over its branching decisions in proportion
 * to their importance.
 *
 * arXiv:2508.17452. No formula could be checked: r = R·a / Σa is a proposal. Weights other than the logged importance are
 * constructions of this project. Importances that sum to 0 give no credit (NaN).
 */
export const reviBranch = creditMethod({
  id: "reviBranch",
  label: "ReviBranch (redistribution)",
  doc: "The return spread over the branching decisions by their logged importance; an unverified proposal.",
  paper: "https://arxiv.org/abs/2508.17452",
  math: String.raw`r_k = R \, \frac{a_k}{\sum_j a_j}`,
  status: "memory",
  level: "turn",
  comparesGroup: false,
  needs: ["reward"],
  uses: ["turn.importance", "turn.subtree_size", "turn.bound_improvement"],
  alsoNeeds: ({ weights }) => [`turn.${weights}` as const],
  params: {
    weights: {
      kind: "choice",
      choices: ["importance", "subtree_size", "bound_improvement"],
      default: "importance",
      doc: "field of the turns: the logged importance, or (own) the nodes below the decision, or how far it moved the bound",
    },
  },
  presets: {
    proposal: {},
    subtree: { weights: "subtree_size" },
    bound: { weights: "bound_improvement" },
  },
  lanes: {
    reward: { level: "trajectory", doc: "return of the episode" },
    importance: { level: "turn", doc: "weight of the decision, as logged" },
    share: { level: "turn", doc: "its part of the sum of the weights" },
  },
  run(batch, { weights }, { reward, importance, share, credit }) {
    reward.set(batch.reward);
    importance.set(batch[`turn.${weights}`]!);
    shares(batch.turns, importance, NaN, share);
    spread(batch.turns, reward, share, credit);
  },
  formula: () => [{ left: "r", symbols: "R · a / Σa", numbers: "{reward} · {share}", equals: "credit" }],
});
