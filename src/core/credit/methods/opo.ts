import { creditMethod } from "../method.ts";
import { groupSizes, groupSums } from "../primitives/groupStatistics.ts";
import { trainedTokens } from "../primitives/trainedTokens.ts";

/**
 * On-policy RL with optimal reward baseline: A = R − Σ length · R / Σ length over the rollouts of a prompt.
 *
 * Hao et al. (arXiv:2505.23585), section 3; verl `compute_opo_outcome_advantage`. The length is the number of trained
 * tokens. A group of one has baseline 0 in the release.
 */
export const opo = creditMethod({
  id: "opo",
  label: "OPO",
  doc: "How much better the rollout did than the mean of its prompt's rollouts, in which longer ones weigh more.",
  paper: "https://arxiv.org/abs/2505.23585",
  math: String.raw`A_i = R_i - \frac{\sum_j l_j R_j}{\sum_j l_j}`,
  status: "code",
  level: "trajectory",
  comparesGroup: true,
  needs: ["mask", "reward"],
  params: {
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
    length: { level: "trajectory", doc: "trained tokens" },
    baseline: { level: "trajectory", doc: "mean reward of the group, weighted by length" },
  },
  run(batch, { singleton }, { reward, length, baseline, credit }) {
    reward.set(batch.reward);
    trainedTokens(batch, length);
    const size = groupSizes(batch);
    const lengths = groupSums(batch, length);
    const weighted = groupSums(
      batch,
      reward.map((x, r) => x * length[r]!),
    );
    batch.group.forEach((g, r) => {
      const ofOne = singleton === "raw" ? 0 : reward[r]!;
      baseline[r] = size[g] === 1 ? ofOne : weighted[g]! / lengths[g]!;
      credit[r] = reward[r]! - baseline[r]!;
    });
  },
  formula: () => [{ left: "A", symbols: "R − baseline", numbers: "{reward} − {baseline}", equals: "credit" }],
});
