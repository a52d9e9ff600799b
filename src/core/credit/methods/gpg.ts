import { creditMethod } from "../method.ts";
import { groupMean } from "../primitives/groupStatistics.ts";

/**
 * Group policy gradient: A = α (R − mean) / F, where α = B / number of rewards other than 0 makes up for the rollouts
 * without signal.
 *
 * Chu et al. (arXiv:2504.02546), section 3; verl `compute_gpg_outcome_advantage`, which counts rewards over the whole
 * batch, at least 1, and has F = 1. A group of one has mean 0 in the release.
 */
export const gpg = creditMethod({
  id: "gpg",
  label: "GPG",
  doc: "How much better the rollout did than the mean of its prompt, scaled up by the share of rollouts with a reward of 0.",
  paper: "https://arxiv.org/abs/2504.02546",
  math: String.raw`A_i = \frac{\alpha\,(R_i - \operatorname{mean}(R_g))}{F}, \qquad \alpha = \frac{B}{\max(1, \#\{R_j \ne 0\})}`,
  status: "code",
  level: "trajectory",
  comparesGroup: true,
  needs: ["reward"],
  params: {
    fNorm: { kind: "number", default: 1, doc: "divisor F of the paper; 1 in the release" },
    singleton: {
      kind: "choice",
      choices: ["raw", "zero"],
      default: "raw",
      doc: "a group of one: its raw score, or 0",
    },
  },
  presets: { "released:verl": {} },
  lanes: {
    reward: { level: "trajectory", doc: "outcome reward" },
    mean: { level: "trajectory", doc: "mean reward of the group" },
    alpha: { level: "batch", doc: "rollouts of the batch over those whose reward is not 0" },
  },
  run(batch, { fNorm, singleton }, { reward, mean, alpha, credit }) {
    reward.set(batch.reward);
    groupMean(batch, reward, singleton, mean);
    const rewarded = reward.filter((x) => x !== 0).length;
    alpha[0] = batch.nRollouts / Math.max(1, rewarded);
    for (let r = 0; r < batch.nRollouts; r++) credit[r] = (alpha[0] * (reward[r]! - mean[r]!)) / fNorm;
  },
  formula: () => [
    {
      left: "A",
      symbols: "α(R − mean) / F",
      numbers: "{alpha} · ({reward} − {mean}) / {fNorm}",
      equals: "credit",
    },
  ],
});
