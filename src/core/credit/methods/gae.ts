import { creditMethod } from "../method.ts";
import { gae as advantages } from "../primitives/gae.ts";
import { addAtLast, withinRange } from "../primitives/outcomeShaping.ts";
import { centre, whiten, whitenPopulation } from "../primitives/whiten.ts";

/**
 * Generalised advantage estimation from a critic's values, whitened over the batch as PPO trainers do.
 *
 * Schulman et al. (arXiv:1506.02438), equation 16; verl `compute_gae_advantage_return` (λ = 1: Monte-Carlo return
 * minus value; λ = 0: one-step TD error). OpenRLHF takes masked tokens as tokens of reward and value 0, subtracts
 * β times the KL penalty from every reward, bounds the outcome (`clip`), and whitens with the population variance, or only
 * subtracts the mean (`normalizeByStd: false`). No release bootstraps at a truncation; `bootstrap` offers it, flagged.
 */
export const gae = creditMethod({
  id: "gae",
  label: "GAE",
  doc: "How much better each token turned out than the critic expected, looking ahead with λ. Needs the critic's values.",
  paper: "https://arxiv.org/abs/1506.02438",
  math: String.raw`\delta_t = r_t + \gamma V_{t+1} - V_t, \qquad A_t = \delta_t + \gamma \lambda A_{t+1}`,
  status: "code",
  level: "token",
  comparesGroup: false,
  needs: ["mask", "tokenReward", "value"],
  uses: ["finalValue", "reward", "kl"],
  alsoNeeds: ({ beta, clip }) => [
    ...(isBounded(clip) ? (["reward"] as const) : []),
    ...(beta > 0 ? (["kl"] as const) : []),
  ],
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
    beta: {
      kind: "number",
      default: 0,
      min: 0,
      doc: "weight of the KL penalty of every token (`tokens.kl`)",
    },
    clip: {
      kind: "numbers",
      default: {},
      doc: "bounds of the outcome, {min, max} (OpenRLHF reward_clip_range)",
    },
    normalizeByStd: {
      kind: "boolean",
      default: true,
      doc: "when whitening, divide by the standard deviation (OpenRLHF no_std_norm is the opposite)",
    },
    variance: {
      kind: "choice",
      choices: ["sample", "population"],
      default: "sample",
      doc: "of the whitening: over n − 1 plus 1e-8 (verl), or over n and at least 1e-8 (OpenRLHF)",
    },
    source: {
      kind: "text",
      default: "auto",
      doc: "values: auto (logged, else the scorer's), logged, or a scorer's name",
    },
  },
  presets: { "released:verl": {}, "released:openrlhf": { holes: "ignore", variance: "population" } },
  lanes: {
    reward: { level: "token", doc: "reward at the token, less the KL penalty" },
    value: { level: "token", doc: "the critic's value" },
    nextValue: { level: "token", doc: "value of the next trained token" },
    nextAdvantage: { level: "token", doc: "advantage of the next trained token" },
    raw: { level: "token", doc: "advantage before whitening" },
    returns: { level: "token", doc: "advantage before whitening plus value" },
    mean: { level: "batch", doc: "mean advantage of the batch's trained tokens" },
    spread: { level: "batch", doc: "variance of the advantages; 1 where not divided" },
  },
  run(batch, params, { reward, value, raw, returns, ...out }) {
    const { kl, mask } = batch;
    const { nextValue, nextAdvantage, mean, spread, credit, warn } = out;
    for (let t = 0; t < reward.length; t++) {
      reward[t] = batch.tokenReward[t]! - (params.beta > 0 && kl !== null ? params.beta * kl[t]! : 0);
      value[t] = params.holes === "ignore" && mask[t] === 0 ? 0 : batch.value[t]!;
    }
    if (isBounded(params.clip))
      addAtLast(
        batch,
        batch.reward!.map((x) => withinRange(x, params.clip) - x),
        reward,
      );
    const options = { ...params, finalValue: params.bootstrap ? batch.finalValue : null };
    advantages(batch, { reward, value }, options, { nextValue, nextAdvantage, advantage: raw });
    for (let t = 0; t < raw.length; t++) returns[t] = raw[t]! + value[t]!;
    if (params.stage === "raw") {
      credit.set(raw);
      return;
    }
    const normalize = !params.normalizeByStd
      ? centre
      : params.variance === "sample"
        ? whiten
        : whitenPopulation;
    const moments = normalize(raw, mask, credit);
    if (moments.n < 2 && normalize === whiten) warn("few-tokens");
    mean[0] = moments.mean;
    spread[0] = moments.variance;
  },
  formula: ({ stage, variance, normalizeByStd }) => [
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
            ...(variance === "sample" && normalizeByStd
              ? { symbols: "(A − mean) / √(var + 1e-8)", numbers: "({raw} − {mean}) / √({spread} + 1e-8)" }
              : { symbols: "(A − mean) / √var", numbers: "({raw} − {mean}) / √({spread})" }),
            equals: "credit",
          },
        ]),
  ],
});

function isBounded(clip: Readonly<Record<string, number>>): boolean {
  return Object.keys(clip).length > 0;
}
