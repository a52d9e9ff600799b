import { creditMethod } from "../method.ts";
import { betaNormalize } from "../primitives/betaNormalization.ts";
import { addLanes, sumApplied, weighted } from "../primitives/rewardTerms.ts";

/**
 * Beta normalisation: A = ω (R − p), where p is the mean of the prompt and ω the inverse of the density at p of a Beta
 * distribution fitted to the means of all prompts of the batch.
 *
 * Xiao et al. (arXiv:2506.02864), section 3; changyi7231/BNPO `compute_bnpo_outcome_advantage`. Rewards are mapped to
 * [0, 1] first. In the release prompts that all have the same mean give NaN, and a group of one has mean 0, so that its
 * reward of 1 may get the greatest weight, 1e6. `decompose` is the paper's advantage decomposition: the same for each
 * component of the reward, added up.
 */
export const bnpo = creditMethod({
  id: "bnpo",
  label: "BNPO",
  doc: "How much better the rollout did than its prompt's mean, weighted by how rare such a mean is among the prompts of the batch.",
  paper: "https://arxiv.org/abs/2506.02864",
  math: String.raw`A_i = \frac{R_i - p_q}{f_{\mathrm{Beta}}(p_q;\, \alpha, \beta)}`,
  status: "code",
  level: "trajectory",
  comparesGroup: true,
  needs: ["rewardTerms"],
  uses: ["reward"],
  alsoNeeds: ({ decompose }) => (decompose ? [] : ["reward"]),
  params: {
    minReward: { kind: "number", default: 0, doc: "reward that becomes 0" },
    maxReward: { kind: "number", default: 1, doc: "reward that becomes 1" },
    singleton: {
      kind: "choice",
      choices: ["raw", "zero"],
      default: "raw",
      doc: "mean of a group of one: 0, or its own reward",
    },
    zeroVariance: {
      kind: "choice",
      choices: ["nan", "one"],
      default: "nan",
      doc: "prompts that all have the same mean: no credit, or weight 1 (own)",
    },
    zeroPower: {
      kind: "choice",
      choices: ["zero", "nan"],
      default: "zero",
      doc: "0 · log 0 in the density at a mean of 0 or 1: 0 (torch 2), or none (torch 1.13)",
    },
    decompose: {
      kind: "boolean",
      default: false,
      doc: "add up the advantages of the components of the reward",
    },
    weights: {
      kind: "numbers",
      default: {},
      doc: "weights of the components by name; those without one weigh 1",
    },
  },
  presets: {
    "released:bnpo": {},
    "released:bnpoTorch113": { zeroPower: "nan" },
    own: { singleton: "zero", zeroVariance: "one" },
  },
  lanes: {
    reward: { level: "trajectory", doc: "outcome reward, mapped to [0, 1]" },
    mean: { level: "trajectory", doc: "mean of that over the group" },
    weight: { level: "trajectory", doc: "inverse of the density at the mean, at most 1e6", kind: "weight" },
    alpha: { level: "batch", doc: "first parameter of the Beta distribution" },
    beta: { level: "batch", doc: "second parameter of the Beta distribution" },
    sum: { level: "trajectory", doc: "sum of the advantages of the components" },
  },
  run(batch, params, { add, ...out }) {
    const { minReward, maxReward, decompose } = params;
    const mapped = (x: Float64Array): Float64Array =>
      x.map((own) => (own - minReward) / (maxReward - minReward));
    if (decompose) {
      const { names, values } = batch.rewardTerms;
      const advantages = values.map(mapped).map((x) => {
        const { mean, weight } = betaNormalize(batch, x, params);
        return x.map((own, r) => weight[r]! * (own - mean[r]!));
      });
      const terms = weighted({ names, values: advantages }, params.weights);
      addLanes(terms, add, "advantage of the component");
      sumApplied(terms, batch.rewardTerms, out.sum);
      out.credit.set(out.sum);
      return;
    }
    out.reward.set(mapped(batch.reward!));
    const { mean, weight, alpha, beta } = betaNormalize(batch, out.reward, params);
    out.mean.set(mean);
    out.weight.set(weight);
    out.alpha[0] = alpha;
    out.beta[0] = beta;
    for (let r = 0; r < batch.nRollouts; r++) out.credit[r] = weight[r]! * (out.reward[r]! - mean[r]!);
  },
  formula: ({ decompose }) => [
    decompose
      ? { left: "A", symbols: "Σ ω(R − p) over the components", numbers: "{sum}", equals: "credit" }
      : { left: "A", symbols: "ω(R − p)", numbers: "{weight} · ({reward} − {mean})", equals: "credit" },
  ],
});
