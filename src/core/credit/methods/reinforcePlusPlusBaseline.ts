import { creditMethod } from "../method.ts";
import { groupMean } from "../primitives/groupStatistics.ts";
import { whiten } from "../primitives/whiten.ts";

/**
 * REINFORCE++ with a group baseline: R − mean, on every token, whitened over all trained tokens of the batch.
 *
 * Hu (arXiv:2501.03262); verl `compute_reinforce_plus_plus_baseline_outcome_advantage`. Longer responses weigh more in
 * the batch's mean and deviation. A group of one has mean 0 in the release.
 */
export const reinforcePlusPlusBaseline = creditMethod({
  id: "reinforcePlusPlusBaseline",
  label: "REINFORCE++ baseline",
  doc: "How much better the rollout did than the mean of its prompt, whitened over all tokens of the batch.",
  paper: "https://arxiv.org/abs/2501.03262",
  math: String.raw`A_{i,t} = \frac{R_i - \operatorname{mean}(R_g) - \mu}{\sigma}`,
  status: "code",
  level: "token",
  comparesGroup: true,
  needs: ["mask", "reward"],
  params: {
    singleton: {
      kind: "choice",
      choices: ["raw", "zero"],
      default: "raw",
      doc: "a group of one: its raw score, or 0",
    },
    whiten: {
      kind: "boolean",
      default: true,
      doc: "subtract the mean over the batch's trained tokens and divide by their standard deviation",
    },
  },
  presets: { "released:verl": {} },
  lanes: {
    reward: { level: "trajectory", doc: "outcome reward" },
    groupMean: { level: "trajectory", doc: "mean reward of the group" },
    above: { level: "token", doc: "reward above the group's mean" },
    mean: { level: "batch", doc: "mean of that over the batch's trained tokens" },
    variance: { level: "batch", doc: "variance of it (n − 1)" },
  },
  run(batch, params, { warn, reward, groupMean: ofGroup, above, mean, variance, credit }) {
    reward.set(batch.reward);
    groupMean(batch, reward, params.singleton, ofGroup);
    const { positions, mask } = batch;
    for (let r = 0; r < batch.nRollouts; r++)
      above.fill(reward[r]! - ofGroup[r]!, positions[r], positions[r + 1]);
    if (params.whiten) {
      const moments = whiten(above, mask, credit);
      if (moments.n < 2) warn("few-tokens");
      mean[0] = moments.mean;
      variance[0] = moments.variance;
    } else credit.set(above);
    for (let t = 0; t < credit.length; t++) credit[t]! *= mask[t]!;
  },
  formula: (params) => [
    { left: "R′", symbols: "R − mean of the group", numbers: "{reward} − {groupMean}", equals: "above" },
    params.whiten
      ? {
          left: "A",
          symbols: "(R′ − mean) / √(var + 1e-8)",
          numbers: "({above} − {mean}) / √({variance} + 1e-8)",
          equals: "credit",
        }
      : { left: "A", symbols: "R′", numbers: "{above}", equals: "credit" },
  ],
});
