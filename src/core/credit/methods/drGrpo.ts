import { creditMethod } from "../method.ts";
import { groupMean } from "../primitives/groupStatistics.ts";

/**
 * Dr.GRPO: A = R − mean, without the division that favours groups of little spread.
 *
 * Liu et al. (arXiv:2503.20783), section 3.2; understand-r1-zero `compute_monte_carlo_advantages` (critic drgrpo).
 * A group of one gets 0. OpenRLHF's KL penalty of every token is in `reinforce` (`released:openrlhfDrGrpo`).
 */
export const drGrpo = creditMethod({
  id: "drGrpo",
  label: "Dr.GRPO",
  doc: "How much better the rollout did than the mean of its prompt's rollouts, in units of the reward.",
  paper: "https://arxiv.org/abs/2503.20783",
  math: String.raw`A_i = R_i - \operatorname{mean}(R_g)`,
  status: "code",
  level: "trajectory",
  comparesGroup: true,
  needs: ["reward"],
  params: {},
  presets: { "released:drGrpoRepo": {}, "released:openrlhf": {} },
  lanes: {
    reward: { level: "trajectory", doc: "outcome reward" },
    mean: { level: "trajectory", doc: "mean reward of the group" },
  },
  run(batch, _, { reward, mean, credit }) {
    reward.set(batch.reward);
    groupMean(batch, reward, "zero", mean);
    for (let r = 0; r < batch.nRollouts; r++) credit[r] = reward[r]! - mean[r]!;
  },
  formula: () => [{ left: "A", symbols: "R − mean", numbers: "{reward} − {mean}", equals: "credit" }],
});
