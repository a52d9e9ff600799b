import { creditMethod } from "../method.ts";
import { groupMean, groupVariance } from "../primitives/groupStatistics.ts";
import { thoughtRewards } from "../primitives/thoughts.ts";
import { suffixSums } from "../primitives/suffix.ts";

/**
 * TP-GRPO: steps of equal labels are one thought; thoughts get rewards of the group's ability, the last one the group's
 * advantage, and a step is worth the sum from its thought on.
 *
 * He et al. (arXiv:2507.23317); from the paper's text, no official code. In a right solution `label` 1 is a right step; in a
 * wrong one it is a step that leads to the answer given. That the last thought carries the outcome alone is the reading
 * that makes the paper's propositions hold.
 */
export const tpGrpo = creditMethod({
  id: "tpGrpo",
  label: "TP-GRPO",
  doc: "Thoughts (neighbouring steps of one label) rewarded by the group's ability, on top of the group's advantage: wrong turns of a right solution are worth less, unmatched ones of a wrong solution are spared.",
  paper: "https://arxiv.org/abs/2507.23317",
  math: String.raw`\hat r_o = \frac{R - \operatorname{mean}(R_g)}{\operatorname{std}(R_g) + \epsilon}, \qquad r_c = \alpha \cdot acc_G, \qquad A_k = \sum_{\text{thoughts } j \ge \tau(k)} r_j`,
  status: "text",
  level: "step",
  comparesGroup: true,
  needs: ["reward", "success", "step.label"],
  params: {
    alpha: { kind: "number", default: 1, doc: "weight of the thoughts in a right solution" },
    epsilon: { kind: "number", default: 1e-6, min: 0, doc: "added to the standard deviation" },
    singleton: {
      kind: "choice",
      choices: ["zero", "raw", "nan"],
      default: "zero",
      doc: "advantage of a group of one: 0, its raw reward, or none",
    },
  },
  presets: { paper: {} },
  lanes: {
    reward: { level: "trajectory", doc: "outcome reward" },
    mean: { level: "trajectory", doc: "mean reward of the group" },
    std: { level: "trajectory", doc: "standard deviation of the group (n − 1)" },
    advantage: {
      level: "trajectory",
      doc: "r̂: the group's advantage, which GRPO gives every token",
      kind: "base",
    },
    accuracy: { level: "trajectory", doc: "share of the group's solutions that are right" },
    thought: { level: "step", doc: "number of the step's thought in its rollout, from 0" },
    thoughtReward: { level: "step", doc: "reward of the step's thought" },
    later: { level: "step", doc: "sum of the rewards of the thoughts after it" },
  },
  run(batch, { alpha, epsilon, singleton }, out) {
    const { reward, mean, std, advantage, accuracy, thought, thoughtReward, later, credit } = out;
    reward.set(batch.reward);
    groupMean(batch, reward, singleton, mean);
    groupVariance(batch, reward, singleton, std);
    groupMean(batch, batch.success, "zero", accuracy);
    for (let r = 0; r < batch.nRollouts; r++) {
      std[r] = Math.sqrt(std[r]!);
      advantage[r] = (reward[r]! - mean[r]!) / (std[r]! + epsilon);
    }
    const ability = accuracy.map((share) => alpha * share);
    const own = { label: batch["step.label"], success: batch.success, advantage, ability };
    thoughtRewards(batch, own, { thought, reward: thoughtReward });
    const once = new Float64Array(thought.length);
    for (let r = 0; r < batch.nRollouts; r++)
      for (let k = batch.steps[r]!; k < batch.steps[r + 1]!; k++)
        once[k] = k + 1 < batch.steps[r + 1]! && thought[k] === thought[k + 1] ? 0 : thoughtReward[k]!;
    suffixSums(batch.steps, once, 1, credit);
    for (let k = 0; k < credit.length; k++) later[k] = credit[k]! - thoughtReward[k]!;
  },
  formula: () => [
    {
      left: "r̂",
      symbols: "(R − mean) / (std + ε)",
      numbers: "({reward} − {mean}) / ({std} + {epsilon})",
      equals: "advantage",
    },
    {
      left: "A",
      symbols: "reward of the thought + those after it",
      numbers: "{thoughtReward} + {later}",
      equals: "credit",
    },
  ],
});
