import { creditMethod } from "../method.ts";
import { flaggedTokens } from "../primitives/flaggedTokens.ts";
import { groupTokenMoments } from "../primitives/groupTokenMoments.ts";

/**
 * CAPO: the outcome for every token, less a penalty in the steps that a language model's critiques found wrong, against the
 * mean over all tokens of the group's rollouts.
 *
 * Xie et al. (arXiv:2508.02298); from the paper's text, no official code. A step's `label` is the share of the critiques
 * that found it right (0 or 1 with a single one); text in no judged step counts as not found wrong.
 */
export const capo = creditMethod({
  id: "capo",
  label: "CAPO",
  doc: "Outcome reward of each token less a penalty in steps that logged critiques judged wrong, against all tokens of the group.",
  paper: "https://arxiv.org/abs/2508.02298",
  math: String.raw`R_t = 2 r_v - \mathbb{1}[t \in \text{wrong step}], \qquad A_t = R_t - \operatorname{mean}_{i,s}(R_{i,s})`,
  status: "text",
  level: "token",
  comparesGroup: true,
  needs: ["mask", "success", "step.label"],
  params: {
    votes: {
      kind: "choice",
      choices: ["majority", "intersection", "union"],
      default: "majority",
      doc: "a step is wrong where half of the critiques or more say so, where all do, or where any does",
    },
    outcomeWeight: { kind: "number", default: 2, doc: "reward of a right outcome" },
    penalty: { kind: "number", default: 1, doc: "taken off in a wrong step" },
    normalizeByStd: {
      kind: "boolean",
      default: false,
      doc: "divide by the standard deviation over the group's tokens",
    },
    epsilon: { kind: "number", default: 1e-6, min: 0, doc: "added to the standard deviation" },
  },
  presets: { paper: {}, normalized: { normalizeByStd: true } },
  lanes: {
    outcome: { level: "trajectory", doc: "1 right, 0 wrong" },
    wrong: { level: "token", doc: "1 in a step judged wrong" },
    reward: { level: "token", doc: "reward of the token" },
    mean: { level: "trajectory", doc: "mean reward over all trained tokens of the group" },
    std: { level: "trajectory", doc: "standard deviation of the same (n − 1)" },
  },
  run(batch, params, { outcome, wrong, reward, mean, std, credit }) {
    const label = batch["step.label"];
    outcome.set(batch.success);
    flaggedTokens(batch, (k) => isWrong(label[k]!, params.votes), wrong);
    for (let r = 0; r < batch.nRollouts; r++)
      for (let t = batch.positions[r]!; t < batch.positions[r + 1]!; t++)
        reward[t] = params.outcomeWeight * outcome[r]! - params.penalty * wrong[t]!;
    groupTokenMoments(batch, reward, { mean, deviation: std });
    for (let r = 0; r < batch.nRollouts; r++) {
      const unit = params.normalizeByStd ? std[r]! + params.epsilon : 1;
      for (let t = batch.positions[r]!; t < batch.positions[r + 1]!; t++)
        credit[t] = (reward[t]! - mean[r]!) / unit;
    }
  },
  formula: ({ normalizeByStd }) => [
    {
      left: "R",
      symbols: "2 r_v − penalty in a wrong step",
      numbers: "{outcomeWeight} · {outcome} − {penalty} · {wrong}",
      equals: "reward",
    },
    normalizeByStd
      ? {
          left: "A",
          symbols: "(R − mean) / (std + ε)",
          numbers: "({reward} − {mean}) / ({std} + {epsilon})",
          equals: "credit",
        }
      : { left: "A", symbols: "R − mean", numbers: "{reward} − {mean}", equals: "credit" },
  ],
});

/** @param label share of the critiques that found the step right */
function isWrong(label: number, votes: "majority" | "intersection" | "union"): boolean {
  if (votes === "union") return label < 1;
  return votes === "intersection" ? label <= 0 : label <= 0.5;
}
