import { creditMethod } from "../method.ts";
import { appliedStatistics, wholeBatch } from "../primitives/appliedStatistics.ts";
import { addLanes, normalizeApplied, sumApplied, weighted } from "../primitives/rewardTerms.ts";

/**
 * Group relative policy optimisation: A = (R − mean) / (std + ε) over the rollouts of a prompt.
 *
 * DeepSeekMath (arXiv:2402.03300), section 4.1; verl `compute_grpo_outcome_advantage`. A group of equal rewards
 * gives 0. Without a deviation (`singleton: nan`) the credit is NaN, as in the release of Dr.GRPO and in OpenRLHF.
 *
 * TRL (`GRPOTrainer`, advantage block) adds up several reward functions: those that do not apply to a rollout (NaN) add
 * nothing, and a rollout to which none applies is left out of the statistics and gets 0. `normalizeThenSum` normalises
 * each function in its group, adds them up, and normalises the sum over the batch whatever `scaleRewards` says.
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
  needs: ["rewardTerms"],
  uses: ["reward"],
  alsoNeeds: ({ aggregation }) => (aggregation === "reward" ? ["reward"] : []),
  params: {
    aggregation: {
      kind: "choice",
      choices: ["reward", "sumThenNormalize", "normalizeThenSum"],
      default: "reward",
      doc: "R: the outcome reward, the weighted sum of the components of the reward (TRL), or of each of them normalised in its group",
    },
    weights: {
      kind: "numbers",
      default: {},
      doc: "weights of the components by name; those without one weigh 1",
    },
    normalizeByStd: { kind: "boolean", default: true, doc: "divide by the standard deviation" },
    scaleRewards: {
      kind: "choice",
      choices: ["group", "batch", "none"],
      default: "group",
      doc: "whose standard deviation divides; none: as `normalizeByStd` false",
    },
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
    "released:trl": { aggregation: "sumThenNormalize", epsilon: 1e-4, singleton: "zero" },
    "released:trlNormalizeThenSum": { aggregation: "normalizeThenSum", epsilon: 1e-4, singleton: "zero" },
    "released:drGrpoRepo": { epsilon: 1e-8, singleton: "nan" },
    "released:openrlhf": { epsilon: 1e-9, singleton: "nan" },
  },
  lanes: {
    reward: { level: "trajectory", doc: "reward that is compared; NaN where no component applies" },
    mean: { level: "trajectory", doc: "mean reward of the group, or of the batch" },
    std: { level: "trajectory", doc: "standard deviation (n − 1) of the group, or of the batch" },
    above: { level: "trajectory", doc: "reward above the mean; 0 where no component applies" },
    zeroStd: { level: "trajectory", doc: "1 where the standard deviation is 0: no signal" },
    zeroStdShare: { level: "batch", doc: "share of rollouts without signal: TRL's `frac_reward_zero_std`" },
  },
  run(batch, params, { add, ...out }) {
    const { reward, mean, std, above, zeroStd, zeroStdShare, credit } = out;
    const { aggregation, scaleRewards, singleton } = params;
    if (aggregation === "reward") reward.set(batch.reward!);
    else {
      const { names, values } = batch.rewardTerms;
      const each = (x: Float64Array): Float64Array =>
        aggregation === "normalizeThenSum"
          ? normalizeApplied(batch, x, { ...params, normalizeByStd: true })
          : x;
      const terms = weighted({ names, values: values.map(each) }, params.weights);
      addLanes(terms, add, "what the component adds to the reward");
      sumApplied(terms, batch.rewardTerms, reward);
    }
    const isBatch = aggregation === "normalizeThenSum";
    const center = appliedStatistics(isBatch ? wholeBatch(batch) : batch, reward, singleton);
    const ofBatch = isBatch || scaleRewards === "batch";
    const spread = appliedStatistics(ofBatch ? wholeBatch(batch) : batch, reward, singleton);
    mean.set(center.mean);
    zeroStdShare[0] = 0;
    for (let r = 0; r < batch.nRollouts; r++) {
      const floored = Math.max(spread.variance[r]!, spread.count[r]! > 1 ? params.varianceFloor : 0);
      std[r] = Math.sqrt(floored);
      above[r] = Number.isNaN(reward[r]!) ? 0 : reward[r]! - mean[r]!;
      credit[r] = divides(params) ? above[r]! / (std[r]! + params.epsilon) : above[r]!;
      // One number among several has no deviation, which TRL does not count as one of 0.
      const none = spread.count[r]! < 2 && spread.size[r]! > 1;
      zeroStd[r] = !none && std[r]! <= 1e-8 ? 1 : 0;
      zeroStdShare[0] += zeroStd[r]! / batch.nRollouts;
    }
  },
  formula(params) {
    const above = params.aggregation === "reward" ? "{reward} − {mean}" : "{above}";
    return [
      divides(params)
        ? {
            left: "A",
            symbols: "(R − mean) / (std + ε)",
            numbers: `(${above}) / ({std} + {epsilon})`,
            equals: "credit",
          }
        : { left: "A", symbols: "R − mean", numbers: above, equals: "credit" },
    ];
  },
});

interface Scale {
  readonly aggregation: string;
  readonly normalizeByStd: boolean;
  readonly scaleRewards: string;
}

/** TRL divides the sum of normalised components in any case. */
function divides({ aggregation, normalizeByStd, scaleRewards }: Scale): boolean {
  return aggregation === "normalizeThenSum" || (normalizeByStd && scaleRewards !== "none");
}
