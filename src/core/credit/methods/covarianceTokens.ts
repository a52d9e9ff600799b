import { creditMethod, type MethodOutput } from "../method.ts";
import {
  baseAdvantage,
  baseColumns,
  baseFormula,
  baseLanes,
  baseNeeds,
  baseParams,
} from "../primitives/baseAdvantage.ts";
import {
  type ClipRange,
  type PolicyTokens,
  policyCovariance,
  surrogateLosses,
} from "../primitives/policyCovariance.ts";
import { selectLargest } from "../primitives/selectLargest.ts";
import { maskedMoments } from "../primitives/whiten.ts";

const lanes = {
  ...baseLanes,
  logprob: { level: "token", doc: "log-probability under the current policy" },
  meanAdvantage: { level: "batch", doc: "mean advantage of the batch's trained tokens" },
  meanLogprob: { level: "batch", doc: "mean log-probability of them" },
  covariance: { level: "token", doc: "(A − mean A)·(log π − mean log π)" },
  clipped: { level: "token", doc: "1 where PPO's clipping already acts" },
  eligible: { level: "token", doc: "1 on tokens that the form may act on (Clip-Cov) or acts on (KL-Cov)" },
  weight: { level: "token", doc: "expected multiplier: 1 less the chance of being dropped", kind: "weight" },
  penalty: { level: "token", doc: "KL-Cov: β·|log π − log π_old| on the chosen tokens" },
  loss: { level: "token", doc: "loss of the token" },
  meanLoss: { level: "batch", doc: "mean loss of the trained tokens" },
  dropped: { level: "batch", doc: "share of trained tokens that are dropped" },
  approximateKl: { level: "batch", doc: "mean of log π_old − log π; KL-Cov: of its magnitude" },
} as const;

type Lanes = MethodOutput<keyof typeof lanes>;
interface Chosen extends ClipRange {
  readonly form: "clipCov" | "klCov" | "monitor";
  readonly ratio: number;
  readonly lower: number;
  readonly upper: number;
  readonly beta: number;
}

/**
 * Clip-Cov and KL-Cov: tokens whose advantage and log-probability rise together take the policy's entropy away; the first
 * drops some of them from the loss, the second holds the strongest back by a KL penalty.
 *
 * The Entropy Mechanism (arXiv:2505.22617); verl `compute_policy_loss_clip_cov` and `compute_policy_loss_kl_cov`. Clip-Cov
 * draws ⌊ratio·Σm⌋ of the eligible tokens at random: not the draw but its chance is shown, exact where the budget covers
 * all. `logprobs` must be the current policy's; with those of the rollout only `monitor` has a meaning.
 */
export const covarianceTokens = creditMethod({
  id: "covarianceTokens",
  label: "Covariance tokens",
  doc: "Finds the tokens whose update lowers the entropy (advantage and log-probability covary) and drops (Clip-Cov) or penalises (KL-Cov) them.",
  paper: "https://arxiv.org/abs/2505.22617",
  math: String.raw`c_t = (A_t - \bar A)(\log\pi_t - \overline{\log\pi}), \qquad \hat A_t = A_t\,w_t - \beta\,\lvert\log\pi_t - \log\pi^{old}_t\rvert\,[t \in top]`,
  status: "code",
  level: "token",
  comparesGroup: true,
  needs: ["mask", "token.logprobs"],
  uses: [...baseColumns, "token.old_logprobs"],
  alsoNeeds: (params) => [
    ...baseNeeds(params),
    ...(params.form === "monitor" ? [] : (["token.old_logprobs"] as const)),
  ],
  params: {
    form: {
      kind: "choice",
      choices: ["clipCov", "klCov", "monitor"],
      default: "clipCov",
      doc: "drop eligible tokens, penalise the strongest, or only show the covariance",
    },
    ratio: {
      kind: "number",
      default: 0.0002,
      min: 0,
      doc: "budget: share of the batch's trained tokens, at least one token",
    },
    lower: { kind: "number", default: 1, doc: "Clip-Cov: covariance above which a token is eligible" },
    upper: { kind: "number", default: 5, doc: "Clip-Cov: covariance below which a token is eligible" },
    clipLow: { kind: "number", default: 0.2, min: 0, doc: "PPO's lower clip range" },
    clipHigh: { kind: "number", default: 0.2, min: 0, doc: "PPO's upper clip range" },
    beta: { kind: "number", default: 1, min: 0, doc: "KL-Cov: weight of the penalty" },
    ...baseParams,
  },
  presets: {
    "released:clipCov": {},
    "released:klCov": { form: "klCov" },
    monitor: { form: "monitor" },
  },
  lanes,
  run(batch, params, out) {
    baseAdvantage(batch, params, out);
    const { mask } = batch;
    out.logprob.set(batch["token.logprobs"]);
    const tokens = { mask, advantage: out.base, logprob: out.logprob };
    const means = policyCovariance(tokens, out.covariance);
    out.meanAdvantage[0] = means.meanAdvantage;
    out.meanLogprob[0] = means.meanLogprob;
    out.weight.fill(1);
    out.penalty.fill(0);
    const old = batch["token.old_logprobs"];
    const budget = Math.max(1, Math.floor(mask.reduce((n, m) => n + m, 0) * params.ratio));
    if (params.form === "klCov") klCov(tokens, old!, { ...params, budget }, out);
    else clipCov(tokens, old, { ...params, budget }, out);
    for (let t = 0; t < out.credit.length; t++)
      out.credit[t] = out.base[t]! * out.weight[t]! - out.penalty[t]!;
  },
  formula: (params) => [
    ...baseFormula(params),
    {
      left: "c",
      symbols: "(A − mean A) · (log π − mean log π)",
      numbers: "({base} − {meanAdvantage}) · ({logprob} − {meanLogprob})",
      equals: "covariance",
    },
    params.form === "klCov"
      ? {
          left: "Â",
          symbols: "A − β·|log π − log π_old|",
          numbers: "{base} · {weight} − {penalty}",
          equals: "credit",
        }
      : { left: "Â", symbols: "A · w", numbers: "{base} · {weight} − {penalty}", equals: "credit" },
  ],
});

/** Without `old` (monitor), the eligible tokens are shown and nothing is dropped. */
function clipCov(
  { mask, advantage, logprob }: PolicyTokens,
  old: Float64Array | null,
  params: Chosen & { readonly budget: number },
  { covariance, clipped, eligible, weight, loss, meanLoss, dropped, approximateKl }: Lanes,
): void {
  let n = 0;
  for (let t = 0; t < loss.length; t++) {
    if (old !== null) {
      const losses = surrogateLosses(advantage[t]!, Math.exp(logprob[t]! - old[t]!), params);
      clipped[t] = losses.clipped > losses.plain ? mask[t]! : 0;
      loss[t] = Math.max(losses.plain, losses.clipped);
    }
    const c = covariance[t]!;
    const isEligible = mask[t] === 1 && clipped[t] !== 1 && c > params.lower && c < params.upper;
    eligible[t] = isEligible ? 1 : 0;
    n += eligible[t]!;
  }
  if (old === null || params.form === "monitor") return;
  const kept = 1 - Math.min(1, params.budget / Math.max(1, n));
  for (let t = 0; t < loss.length; t++) {
    if (eligible[t] === 1) weight[t] = kept;
    loss[t]! *= weight[t]!;
  }
  meanLoss[0] = meanLossOf(loss, mask);
  dropped[0] = maskedMoments(
    weight.map((kept) => 1 - kept),
    mask,
  ).mean;
  approximateKl[0] = maskedMoments(
    old.map((before, t) => before - logprob[t]!),
    mask,
  ).mean;
}

function klCov(
  { mask, advantage, logprob }: PolicyTokens,
  old: Float64Array,
  { beta, budget }: Chosen & { readonly budget: number },
  { covariance, eligible, penalty, loss, meanLoss, approximateKl }: Lanes,
): void {
  selectLargest(covariance, { from: 0, to: mask.length, count: budget, among: mask }, eligible);
  const distance = logprob.map((now, t) => Math.abs(now - old[t]!));
  for (let t = 0; t < loss.length; t++) {
    penalty[t] = eligible[t] === 1 ? beta * distance[t]! : 0;
    loss[t] = -advantage[t]! * Math.exp(logprob[t]! - old[t]!) + penalty[t]!;
  }
  meanLoss[0] = meanLossOf(loss, mask);
  approximateKl[0] = maskedMoments(distance, mask).mean;
}

/** Mean over the trained tokens; NaN of none, as the release divides by their number. */
function meanLossOf(loss: Float64Array, mask: Uint8Array): number {
  const { n, mean } = maskedMoments(loss, mask);
  return n === 0 ? NaN : mean;
}
