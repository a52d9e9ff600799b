import { creditMethod } from "../method.ts";
import { gae as advantages } from "../primitives/gae.ts";
import { whiten } from "../primitives/whiten.ts";

/**
 * Generalised advantage estimation from a critic's values, whitened over the batch as PPO trainers do.
 *
 * Schulman et al. (arXiv:1506.02438), equation 16; verl `compute_gae_advantage_return` (λ = 1: Monte-Carlo return
 * minus value; λ = 0: one-step TD error). No release bootstraps at a truncation; `bootstrap` offers it.
 */
export const gae = creditMethod({
  id: "gae",
  label: "GAE",
  doc: "How much better each token turned out than the critic expected, looking ahead with λ. Needs the critic's values.",
  paper: "https://arxiv.org/abs/1506.02438",
  status: "code",
  level: "token",
  comparesGroup: false,
  needs: ["mask", "tokenReward", "value"],
  uses: ["finalValue"],
  params: {
    gamma: { kind: "number", default: 1, min: 0, max: 1, doc: "discount a token" },
    lambda: { kind: "number", default: 0.95, min: 0, max: 1, doc: "weight of looking further ahead" },
    stage: {
      kind: "choice",
      choices: ["whitened", "raw"],
      default: "whitened",
      doc: "the advantage as the trainer uses it, or before whitening",
    },
    holes: {
      kind: "choice",
      choices: ["carry", "ignore"],
      default: "carry",
      doc: "a token with mask 0: passed by, or a step with reward 0 and value 0",
    },
    bootstrap: {
      kind: "boolean",
      default: false,
      doc: "start a truncated trajectory from its `final_value` (no release does)",
    },
    source: {
      kind: "text",
      default: "auto",
      doc: "values: auto (logged, else the scorer's), logged, or a scorer's name",
    },
  },
  presets: { "released:verl": {}, "released:openrlhf": { holes: "ignore" } },
  lanes: {
    reward: { level: "token", doc: "reward at the token" },
    value: { level: "token", doc: "the critic's value" },
    nextValue: { level: "token", doc: "value of the next trained token" },
    nextAdvantage: { level: "token", doc: "advantage of the next trained token" },
    raw: { level: "token", doc: "advantage before whitening" },
    returns: { level: "token", doc: "advantage before whitening plus value" },
    mean: { level: "batch", doc: "mean advantage of the batch's trained tokens" },
    variance: { level: "batch", doc: "variance of the advantages (n − 1)" },
  },
  run(batch, params, { reward, value, nextValue, nextAdvantage, raw, returns, mean, variance, credit }) {
    reward.set(batch.tokenReward);
    value.set(batch.value);
    const options = { ...params, finalValue: params.bootstrap ? batch.finalValue : null };
    advantages(batch, { reward, value }, options, { nextValue, nextAdvantage, advantage: raw });
    for (let t = 0; t < raw.length; t++) returns[t] = raw[t]! + value[t]!;
    if (params.stage === "raw") {
      credit.set(raw);
      return;
    }
    const moments = whiten(raw, batch.mask, credit);
    mean[0] = moments.mean;
    variance[0] = moments.variance;
  },
  formula: ({ stage }) => [
    {
      left: "A",
      symbols: "r + γV⁺ − V + γλA⁺",
      numbers: "{reward} + {gamma} · {nextValue} − {value} + {gamma} · {lambda} · {nextAdvantage}",
      equals: "raw",
    },
    ...(stage === "raw"
      ? []
      : [
          {
            left: "Â",
            symbols: "(A − mean) / √(var + 1e-8)",
            numbers: "({raw} − {mean}) / √({variance} + 1e-8)",
            equals: "credit",
          },
        ]),
  ],
});
