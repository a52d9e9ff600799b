import { creditMethod } from "../method.ts";
import { countedTokens } from "../primitives/countedTokens.ts";
import { addAtLast, outcomeBaseline, withinRange } from "../primitives/outcomeShaping.ts";
import { discountedReturns } from "../primitives/suffix.ts";
import { centre, whitenPopulation } from "../primitives/whiten.ts";

/**
 * REINFORCE as OpenRLHF computes it: the return of each token, the KL penalty taken off every token's reward, whitened over
 * the batch; with a group's baseline on the outcome, its RLOO, REINFORCE++-baseline, group-norm and Dr.GRPO estimators.
 *
 * Williams (1992); OpenRLHF `compute_advantages_and_returns`. In that order: baseline of the outcome in its group, bounds,
 * last trained token, −β·KL on every token (so KL never enters the group's baseline), suffix sum (γ is 1 with a baseline),
 * whitening. Tokens with mask 0 are tokens without reward. What baseline and bounds take off a log's denser rewards is
 * taken off at the last trained token.
 */
export const reinforce = creditMethod({
  id: "reinforce",
  label: "REINFORCE",
  doc: "The return of each token less the KL penalty, whitened over the batch or against the group: OpenRLHF's estimators but GAE.",
  paper: "https://arxiv.org/abs/2405.11143",
  math: String.raw`r_t = \left[t = T\right]\left(R - b\right) - \beta\,\mathrm{kl}_t, \qquad G_t = r_t + \gamma G_{t+1}, \qquad A_t = \frac{G_t - \mu}{\sigma}`,
  status: "code",
  level: "token",
  comparesGroup: true,
  needs: ["mask", "tokenReward"],
  uses: ["reward", "kl"],
  alsoNeeds: ({ baseline, clip, beta }) => [
    ...(isPlain(baseline, clip) ? [] : (["reward"] as const)),
    ...(beta > 0 ? (["kl"] as const) : []),
  ],
  params: {
    gamma: { kind: "number", default: 1, min: 0, max: 1, doc: "discount a token; 1 with a baseline" },
    baseline: {
      kind: "choice",
      choices: ["none", "leaveOneOut", "mean", "groupNorm"],
      default: "none",
      doc: "of the outcome in its group: none, the others' mean (rloo), the mean (reinforce_baseline, dr_grpo), mean and deviation (group_norm)",
    },
    epsilon: { kind: "number", default: 1e-9, min: 0, doc: "added to the group's standard deviation" },
    singleton: {
      kind: "choice",
      choices: ["nan", "zero"],
      default: "nan",
      doc: "a group of one where others or a deviation are asked for: none, or 0",
    },
    clip: {
      kind: "numbers",
      default: {},
      doc: "bounds of the outcome after its baseline, {min, max} (reward_clip_range)",
    },
    beta: {
      kind: "number",
      default: 0,
      min: 0,
      doc: "weight of the KL penalty of every token (`tokens.kl`)",
    },
    whiten: { kind: "boolean", default: true, doc: "subtract the mean of the batch's trained tokens" },
    normalizeByStd: {
      kind: "boolean",
      default: true,
      doc: "when whitening, divide by the standard deviation (n, variance at least 1e-8)",
    },
  },
  presets: {
    "released:openrlhf": {},
    "released:openrlhfRloo": { baseline: "leaveOneOut", whiten: false },
    "released:openrlhfReinforceBaseline": { baseline: "mean" },
    "released:openrlhfGroupNorm": { baseline: "groupNorm", whiten: false },
    "released:openrlhfDrGrpo": { baseline: "mean", whiten: false },
    paper: { whiten: false },
  },
  lanes: {
    outcome: { level: "trajectory", doc: "outcome reward" },
    baseline: { level: "trajectory", doc: "baseline of the outcome" },
    scale: { level: "trajectory", doc: "what the outcome is divided by" },
    shaped: { level: "trajectory", doc: "outcome after baseline and bounds" },
    reward: { level: "token", doc: "reward at the token, less the KL penalty" },
    next: { level: "token", doc: "return of the tokens after it" },
    returns: { level: "token", doc: "discounted return" },
    mean: { level: "batch", doc: "mean return of the batch's trained tokens" },
    spread: { level: "batch", doc: "variance of the returns (n); 1 where not divided" },
  },
  run(batch, params, out) {
    const { outcome, baseline, scale, shaped, reward, next, returns, mean, spread, credit } = out;
    const { nRollouts, mask, kl } = batch;
    outcome.set(batch.reward!);
    outcomeBaseline(batch, outcome, params, { baseline, scale });
    for (let r = 0; r < nRollouts; r++)
      shaped[r] = withinRange((outcome[r]! - baseline[r]!) / scale[r]!, params.clip);
    for (let t = 0; t < mask.length; t++)
      reward[t] = batch.tokenReward[t]! - (params.beta > 0 && kl !== null ? params.beta * kl[t]! : 0);
    if (!isPlain(params.baseline, params.clip))
      addAtLast(
        batch,
        shaped.map((x, r) => x - outcome[r]!),
        reward,
      );
    const gamma = params.baseline === "none" ? params.gamma : 1;
    discountedReturns(batch, reward, { gamma, holes: "ignore" }, { returns, next });
    if (!params.whiten) {
      credit.set(returns);
      return;
    }
    const whitened = params.normalizeByStd ? whitenPopulation : centre;
    const moments = whitened(returns, countedTokens(mask, returns), credit);
    mean[0] = moments.mean;
    spread[0] = moments.variance;
  },
  formula: ({ baseline, whiten }) => [
    baseline === "none"
      ? { left: "G", symbols: "r + γG⁺", numbers: "{reward} + {gamma} · {next}", equals: "returns" }
      : { left: "G", symbols: "r + G⁺", numbers: "{reward} + {next}", equals: "returns" },
    whiten
      ? {
          left: "A",
          symbols: "(G − mean) / √var",
          numbers: "({returns} − {mean}) / √({spread})",
          equals: "credit",
        }
      : { left: "A", symbols: "G", numbers: "{returns}", equals: "credit" },
  ],
});

/** The outcome is taken as it is. */
function isPlain(baseline: string, clip: Readonly<Record<string, number>>): boolean {
  return baseline === "none" && Object.keys(clip).length === 0;
}
