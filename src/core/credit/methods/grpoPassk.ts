import { creditMethod } from "../method.ts";
import { groupVariance, othersMax } from "../primitives/groupStatistics.ts";

/**
 * Pass@k training: only the best rollout of a prompt is credited, with what it has over the runner-up.
 *
 * Tang et al. (arXiv:2503.19595); verl `compute_grpo_passk_outcome_advantage`. A tie at the top gives 0. The release
 * refuses a group of one, which has no runner-up: no credit, flagged.
 */
export const grpoPassk = creditMethod({
  id: "grpoPassk",
  label: "Pass@k GRPO",
  doc: "Only the best rollout of a prompt is credited: by how much it beats the second best.",
  paper: "https://arxiv.org/abs/2503.19595",
  math: String.raw`A_i = \frac{\max(0,\, R_i - \max_{j \ne i} R_j)}{\operatorname{std}(R_g) + \epsilon}`,
  status: "code",
  level: "trajectory",
  comparesGroup: true,
  needs: ["reward"],
  params: {
    normalizeByStd: { kind: "boolean", default: true, doc: "divide by the group's standard deviation" },
    epsilon: { kind: "number", default: 1e-6, min: 0, doc: "added to the standard deviation" },
    singleton: {
      kind: "choice",
      choices: ["nan", "raw", "zero"],
      default: "nan",
      doc: "a group of one: none (the release stops), its raw score, or 0",
    },
  },
  presets: { "released:verl": {} },
  lanes: {
    reward: { level: "trajectory", doc: "outcome reward" },
    others: { level: "trajectory", doc: "best reward of the other rollouts of the group" },
    std: { level: "trajectory", doc: "standard deviation of the group (n − 1)" },
  },
  run(batch, { normalizeByStd, epsilon, singleton }, { reward, others, std, credit }) {
    reward.set(batch.reward);
    othersMax(batch, reward, (own) => ({ nan: NaN, raw: 0, zero: own })[singleton], others);
    groupVariance(batch, reward, singleton, std);
    for (let r = 0; r < batch.nRollouts; r++) {
      std[r] = Math.sqrt(std[r]!);
      const lead = Math.max(0, reward[r]! - others[r]!);
      credit[r] = normalizeByStd ? lead / (std[r]! + epsilon) : lead;
    }
  },
  formula: ({ normalizeByStd }) => [
    normalizeByStd
      ? {
          left: "A",
          symbols: "max(0, R − best of the others) / (std + ε)",
          numbers: "max(0, {reward} − {others}) / ({std} + {epsilon})",
          equals: "credit",
        }
      : {
          left: "A",
          symbols: "max(0, R − best of the others)",
          numbers: "max(0, {reward} − {others})",
          equals: "credit",
        },
  ],
});
