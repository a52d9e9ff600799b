import { creditMethod } from "../method.ts";
import { clipScores, deltaScores, meanOfSteps } from "../primitives/clipDelta.ts";
import { suffixSums } from "../primitives/suffix.ts";

/**
 * Clip and Delta: process rewards whose sum cannot be driven up by more steps. Clip bounds each by 0 from above; Delta
 * gives each step the difference to the next, so that the sum from a step on is that step's own score.
 *
 * Gao et al. (arXiv:2410.15115); from the paper's text, no official code. The threshold's default, the mean score of the
 * batch's steps, is this project's. The last step has no process reward of its own.
 */
export const clipDelta = creditMethod({
  id: "clipDelta",
  label: "Clip and Delta",
  doc: "Bounded process rewards: clipped at a threshold, differences of neighbours, or both; summed from each step on, with the outcome at the end.",
  paper: "https://arxiv.org/abs/2410.15115",
  math: String.raw`r^{clip}_k = \min(p_k - \eta, 0), \qquad r^{\Delta}_k = p_k - p_{k+1} \;(k < K-1),\; r^{\Delta}_{K-1} = p_{K-1},\; r^{\Delta}_K = 0, \qquad A_k = \alpha \sum_{j \ge k} r_j + R`,
  status: "text",
  level: "step",
  comparesGroup: false,
  needs: ["stepReward"],
  uses: ["reward"],
  alsoNeeds: ({ outcome }) => (outcome ? ["reward"] : []),
  params: {
    form: {
      kind: "choice",
      choices: ["both", "clip", "delta", "sum"],
      default: "both",
      doc: "clip, then delta on what is clipped; one of them; or the plain scores, the form that invites reward hacking",
    },
    threshold: {
      kind: "choice",
      choices: ["mean", "fixed"],
      default: "mean",
      doc: "η of the clip: the mean score of the batch's steps (own), or `eta`",
    },
    eta: { kind: "number", default: 0.5, doc: "η where the threshold is fixed" },
    alpha: { kind: "number", default: 1, doc: "weight of the process part" },
    outcome: { kind: "boolean", default: true, doc: "add the outcome reward at the end" },
    source: {
      kind: "text",
      default: "auto",
      doc: "step scores: auto (logged, else the scorer's), logged, or a scorer's name",
    },
  },
  presets: {
    paper: {},
    clip: { form: "clip" },
    delta: { form: "delta" },
    sum: { form: "sum" },
  },
  lanes: {
    score: { level: "step", doc: "p of the step" },
    threshold: { level: "batch", doc: "η" },
    clipped: { level: "step", doc: "min(p − η, 0) where the form clips, else p" },
    shaped: { level: "step", doc: "process reward of the step" },
    later: { level: "step", doc: "process return of the steps after it" },
    process: { level: "step", doc: "process return, before its weight" },
    fromProcess: { level: "step", doc: "part of the credit that steps give", kind: "component" },
    fromOutcome: { level: "step", doc: "part of the credit that the outcome gives", kind: "component" },
  },
  run(batch, { form, threshold, eta, alpha, outcome }, out) {
    const { score, clipped, shaped, later, process, credit } = out;
    score.set(batch.stepReward);
    out.threshold[0] = threshold === "mean" ? meanOfSteps(score) : eta;
    if (form === "clip" || form === "both") clipScores(score, out.threshold[0], clipped);
    else clipped.set(score);
    if (form === "delta" || form === "both") deltaScores(batch.steps, clipped, shaped);
    else shaped.set(clipped);
    suffixSums(batch.steps, shaped, 1, process);
    for (let r = 0; r < batch.nRollouts; r++) {
      for (let k = batch.steps[r]!; k < batch.steps[r + 1]!; k++) {
        later[k] = k + 1 < batch.steps[r + 1]! ? process[k + 1]! : 0;
        out.fromProcess[k] = alpha * process[k]!;
        out.fromOutcome[k] = outcome ? batch.reward![r]! : 0;
        credit[k] = out.fromProcess[k]! + out.fromOutcome[k]!;
      }
    }
  },
  formula: ({ form, outcome }) => [
    ...(form === "clip"
      ? [{ left: "r", symbols: "min(p − η, 0)", numbers: "min({score} − {threshold}, 0)", equals: "shaped" }]
      : []),
    { left: "G", symbols: "r + G⁺", numbers: "{shaped} + {later}", equals: "process" },
    outcome
      ? {
          left: "A",
          symbols: "αG + R",
          numbers: "{alpha} · {process} + {fromOutcome}",
          equals: "credit",
        }
      : { left: "A", symbols: "αG", numbers: "{alpha} · {process}", equals: "credit" },
  ],
});
