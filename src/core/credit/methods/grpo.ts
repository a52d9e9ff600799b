import { creditMethod } from "../method.ts";
import { groupMean, groupStd } from "../primitives/groupStatistics.ts";

/**
 * Group relative policy optimisation: the reward against the group's mean, in units of its standard deviation.
 *
 * DeepSeekMath (arXiv:2402.03300), equation 4; verl `compute_grpo_outcome_advantage`.
 */
export const grpo = creditMethod({
  id: "grpo",
  label: "GRPO",
  doc: "How much better the rollout did than the others of its prompt, in standard deviations. One number for the whole response.",
  paper: "https://arxiv.org/abs/2402.03300",
  status: "code",
  level: "trajectory",
  needs: ["reward"],
  params: {
    normalizeByStd: { kind: "boolean", default: true, doc: "divide by the group's standard deviation" },
    epsilon: { kind: "number", default: 1e-6, min: 0, doc: "added to the standard deviation, outside the root" },
  },
  presets: { "released:verl": {} },
  lanes: {
    reward: { level: "trajectory", doc: "outcome reward" },
    mean: { level: "trajectory", doc: "mean reward of the group" },
    std: { level: "trajectory", doc: "standard deviation of the group (n − 1)" },
  },
  run(batch, { epsilon }, out) {
    groupMean(batch, batch.reward, out.mean);
    groupStd(batch, batch.reward, out.std);
    for (let r = 0; r < batch.nRollouts; r++) {
      out.reward[r] = batch.reward[r]!;
      out.credit[r] = (batch.reward[r]! - out.mean[r]!) / (out.std[r]! + epsilon);
    }
  },
  formula: () => [
    { left: "A", symbols: "(R − mean) / (std + ε)", numbers: "({reward} - {mean}) / ({std} + {epsilon})", equals: "credit" },
  ],
});
