import { creditMethod } from "../method.ts";
import { discountedReturns } from "../primitives/suffix.ts";

/**
 * ReMax: the return of each token minus the reward of the greedy answer to the same prompt.
 *
 * Li et al. (arXiv:2310.10505), algorithm 2; verl `compute_remax_outcome_advantage` (its `reward_baselines`). The greedy
 * answer's reward must be logged, as `baseline` of each rollout.
 */
export const remax = creditMethod({
  id: "remax",
  label: "ReMax",
  doc: "The return of each token minus what the greedy answer to the prompt got: `baseline` of the rollout.",
  paper: "https://arxiv.org/abs/2310.10505",
  math: String.raw`A_t = \sum_{k \ge t} r_k m_k - b\,m_t`,
  status: "code",
  level: "token",
  comparesGroup: false,
  needs: ["mask", "tokenReward", "trajectory.baseline"],
  params: {},
  presets: { "released:verl": {} },
  lanes: {
    returns: { level: "token", doc: "sum of the rewards from the token on" },
    next: { level: "token", doc: "the same of the token after it" },
    reward: { level: "token", doc: "reward at the token" },
    baseline: { level: "trajectory", doc: "reward of the greedy answer to the prompt" },
  },
  run(batch, _, { returns, next, reward, baseline, credit }) {
    reward.set(batch.tokenReward);
    baseline.set(batch["trajectory.baseline"]);
    discountedReturns(batch, reward, { gamma: 1, holes: "ignore" }, { returns, next });
    for (let r = 0; r < batch.nRollouts; r++) {
      for (let t = batch.positions[r]!; t < batch.positions[r + 1]!; t++)
        credit[t] = returns[t]! - baseline[r]! * batch.mask[t]!;
    }
  },
  formula: () => [
    { left: "G", symbols: "r + G⁺", numbers: "{reward} + {next}", equals: "returns" },
    { left: "A", symbols: "G − b", numbers: "{returns} − {baseline}", equals: "credit" },
  ],
});
