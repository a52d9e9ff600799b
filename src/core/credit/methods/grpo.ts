import { creditMethod } from "../method.ts";
import { groupMean, groupVariance } from "../primitives/groupStatistics.ts";

/**
 * Group relative policy optimisation: A = (R − mean) / (std + ε) over the rollouts of a prompt.
 *
 * DeepSeekMath (arXiv:2402.03300), section 4.1; verl `compute_grpo_outcome_advantage`. A group of equal rewards
 * gives 0. Without a deviation (`singleton: nan`) the credit is NaN, as in the release of Dr.GRPO.
 */
export const grpo = creditMethod({
  id: "grpo",
  label: "GRPO",
  doc: "How much better the rollout did than the others of its prompt, in standard deviations: one number for the whole response.",
  paper: "https://arxiv.org/abs/2402.03300",
  math: String.raw`A_i = \frac{R_i - \operatorname{mean}(R_g)}{\operatorname{std}(R_g) + \epsilon}`,
  status: "code",
  level: "trajectory",
  comparesGroup: true,
  needs: ["reward"],
  params: {
    normalizeByStd: { kind: "boolean", default: true, doc: "divide by the group's standard deviation" },
    epsilon: {
      kind: "number",
      default: 1e-6,
      min: 0,
      doc: "added to the standard deviation, outside the root",
    },
    varianceFloor: { kind: "number", default: 0, min: 0, doc: "least variance of a group, before the root" },
    singleton: {
      kind: "choice",
      choices: ["raw", "zero", "nan"],
      default: "raw",
      doc: "a group of one: its raw score, 0, or none",
    },
  },
  presets: {
    "released:verl": {},
    "released:verlVectorized": {},
    "released:verlVectorizedOlder": { varianceFloor: 1e-6 },
    "released:trl": { epsilon: 1e-4, singleton: "zero" },
    "released:drGrpoRepo": { epsilon: 1e-8, singleton: "nan" },
  },
  lanes: {
    reward: { level: "trajectory", doc: "outcome reward" },
    mean: { level: "trajectory", doc: "mean reward of the group" },
    std: { level: "trajectory", doc: "standard deviation of the group (n − 1)" },
  },
  run(batch, { normalizeByStd, epsilon, varianceFloor, singleton }, { reward, mean, std, credit }) {
    reward.set(batch.reward);
    groupMean(batch, reward, singleton, mean);
    groupVariance(batch, reward, singleton, std);
    for (let r = 0; r < batch.nRollouts; r++) {
      std[r] = Math.sqrt(std[r]! < varianceFloor ? varianceFloor : std[r]!);
      const above = reward[r]! - mean[r]!;
      credit[r] = normalizeByStd ? above / (std[r]! + epsilon) : above;
    }
  },
  formula: ({ normalizeByStd }) =>
    normalizeByStd
      ? [
          {
            left: "A",
            symbols: "(R − mean) / (std + ε)",
            numbers: "({reward} − {mean}) / ({std} + {epsilon})",
            equals: "credit",
          },
        ]
      : [{ left: "A", symbols: "R − mean", numbers: "{reward} − {mean}", equals: "credit" }],
});
