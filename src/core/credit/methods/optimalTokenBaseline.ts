import { creditMethod } from "../method.ts";
import { discountedReturns } from "../primitives/suffix.ts";
import { cumulativeEnergy, tokenBaselines } from "../primitives/tokenBaseline.ts";

/**
 * Optimal token baseline: the return from each token on, minus the baseline of least variance at that depth, in which a
 * rollout weighs by the gradient energy it has spent so far.
 *
 * verl `compute_optimal_token_baseline_advantage` (and, for many turns, `compute_multi_turn_optimal_token_baseline_advantage`:
 * depths count trained tokens only). W is the policy's path up to the token, from the probability of the sampled token and
 * the sum of squared probabilities of the vocabulary. A group of one, and what only the longest rollout has, has baseline 0.
 */
export const optimalTokenBaseline = creditMethod({
  id: "optimalTokenBaseline",
  label: "Optimal token baseline",
  doc: "The return from each token on, against the group's mean at that depth weighted by gradient energy. Needs `old_logprobs` and `sum_pi_squared` of tokens.",
  paper: "https://github.com/verl-project/verl/blob/main/verl/trainer/ppo/core_algos.py",
  math: String.raw`W_t = \sum_{k \le t} \left(1 - 2\pi_k + \textstyle\sum_v \pi_{k,v}^2\right), \qquad b_t = \frac{\sum_i G_{i,t} W_{i,t}}{\sum_i W_{i,t} + \epsilon}, \qquad A_t = G_t - b_t`,
  status: "code",
  level: "token",
  comparesGroup: true,
  needs: ["mask", "tokenReward", "token.sum_pi_squared"],
  uses: ["token.old_logprobs", "token.logprobs", "token.rollout_is_weights"],
  alsoNeeds: ({ policy, importance }) => [
    policy === "old_logprobs" ? "token.old_logprobs" : "token.logprobs",
    ...(importance ? (["token.rollout_is_weights"] as const) : []),
  ],
  params: {
    epsilon: { kind: "number", default: 1e-8, min: 0, doc: "added to the sum of the weights" },
    zeroTail: {
      kind: "boolean",
      default: true,
      doc: "baseline 0 where only the longest rollout of the group is left",
    },
    align: {
      kind: "choice",
      choices: ["position", "trained"],
      default: "position",
      doc: "rollouts are compared at the same position, tool tokens counted, or at the same number of trained tokens",
    },
    importance: {
      kind: "boolean",
      default: false,
      doc: "weigh by the squared importance weights (`tokens.rollout_is_weights`)",
    },
    policy: {
      kind: "choice",
      choices: ["old_logprobs", "logprobs"],
      default: "old_logprobs",
      doc: "log-probabilities of the policy: the trainer's, or those of the rollout",
    },
    source: {
      kind: "text",
      default: "auto",
      doc: "log-probabilities: auto (logged, else the scorer's), logged, or a scorer's name",
    },
  },
  presets: { "released:verl": {}, "released:verlMultiTurn": { align: "trained" } },
  lanes: {
    returns: { level: "token", doc: "sum of the rewards from the token on" },
    next: { level: "token", doc: "the same from the token after it" },
    energy: { level: "token", doc: "W: gradient energy of the rollout up to the token" },
    baseline: { level: "token", doc: "energy-weighted mean return of the group at this depth" },
  },
  run(batch, params, { returns, next, energy, baseline, credit }) {
    discountedReturns(batch, batch.tokenReward, { gamma: 1, holes: "ignore" }, { returns, next });
    const logprob = (
      params.policy === "old_logprobs" ? batch["token.old_logprobs"] : batch["token.logprobs"]
    )!;
    const importance = params.importance ? batch["token.rollout_is_weights"] : null;
    const sumSquares = batch["token.sum_pi_squared"];
    cumulativeEnergy(batch, { logprob, sumSquares, importance }, energy);
    tokenBaselines(batch, { returns, energy }, params, baseline);
    for (let t = 0; t < credit.length; t++) credit[t] = (returns[t]! - baseline[t]!) * batch.mask[t]!;
  },
  formula: () => [{ left: "A", symbols: "G − b", numbers: "{returns} − {baseline}", equals: "credit" }],
});
