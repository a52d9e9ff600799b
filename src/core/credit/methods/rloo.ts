import { creditMethod } from "../method.ts";
import { othersMean } from "../primitives/groupStatistics.ts";

/**
 * REINFORCE leave-one-out: A = R − mean of the other rollouts of the prompt.
 *
 * Ahmadian et al. (arXiv:2402.14740), section 2.3; verl `compute_rloo_outcome_advantage`. Its two variants differ in
 * groups of one: the loop keeps the raw score, the vectorised one gives 0; OpenRLHF divides by zero. Its KL penalty of every
 * token is in `reinforce` (`released:openrlhfRloo`).
 */
export const rloo = creditMethod({
  id: "rloo",
  label: "RLOO",
  doc: "How much better the rollout did than the mean of the other rollouts of its prompt.",
  paper: "https://arxiv.org/abs/2402.14740",
  math: String.raw`A_i = R_i - \frac{1}{n-1} \sum_{j \ne i} R_j`,
  status: "code",
  level: "trajectory",
  comparesGroup: true,
  needs: ["reward"],
  params: {
    singleton: {
      kind: "choice",
      choices: ["raw", "zero", "nan"],
      default: "raw",
      doc: "a group of one: its raw score, 0, or none",
    },
  },
  presets: {
    "released:verl": {},
    "released:verlVectorized": { singleton: "zero" },
    "released:openrlhf": { singleton: "nan" },
  },
  lanes: {
    reward: { level: "trajectory", doc: "outcome reward" },
    others: { level: "trajectory", doc: "mean reward of the other rollouts of the group" },
  },
  run(batch, { singleton }, { reward, others, credit }) {
    reward.set(batch.reward);
    othersMean(batch, reward, (own) => ({ raw: 0, zero: own, nan: NaN })[singleton], others);
    for (let r = 0; r < batch.nRollouts; r++) credit[r] = reward[r]! - others[r]!;
  },
  formula: () => [
    { left: "A", symbols: "R − mean of the others", numbers: "{reward} − {others}", equals: "credit" },
  ],
});
