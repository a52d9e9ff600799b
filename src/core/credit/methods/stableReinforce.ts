import { creditMethod } from "../method.ts";
import { keepInside, preClip, standardize } from "../primitives/outlierFilter.ts";
import { discountedReturns } from "../primitives/suffix.ts";

/**
 * StableReinforce: advantages are standardised over the batch, and those far out are set to 0 before they can rule the
 * gradient.
 *
 * R1-Reward (arXiv:2505.02835); yfzhang114/r1_reward `NaiveReplayBuffer.normalize`. As released, the bounds of the
 * standardised number lie at the raw mean ± 3, so not around 0, the mean's sum runs over masked positions too, and numbers
 * beyond ±10 go in any case; the paper keeps |Â| ≤ 3. The ratio lanes show the paper's Pre-CLIP, and `composed` its reward,
 * result · (1 + ½ · consistency) + ½ · format, from memory, where the log holds these components.
 */
export const stableReinforce = creditMethod({
  id: "stableReinforce",
  label: "StableReinforce",
  doc: "REINFORCE returns (or logged advantages), standardised over the batch, outliers set to 0: lane `kept` says which.",
  paper: "https://arxiv.org/abs/2505.02835",
  math: String.raw`\hat A_t = \frac{A_t - \mu}{\sigma}, \qquad A'_t = \hat A_t \left[\,|\hat A_t| \le 3\,\right]`,
  status: "code",
  level: "token",
  comparesGroup: false,
  needs: ["mask"],
  uses: [
    "tokenReward",
    "advantage",
    "kl",
    "token.logprobs",
    "token.old_logprobs",
    "trajectory.rewards.result",
    "trajectory.rewards.consistency",
    "trajectory.rewards.format",
  ],
  alsoNeeds: ({ base, beta, ratio }) => [
    base === "logged" ? ("advantage" as const) : ("tokenReward" as const),
    ...(base === "returns" && beta > 0 ? (["kl"] as const) : []),
    ...(ratio ? (["token.logprobs", "token.old_logprobs"] as const) : []),
  ],
  params: {
    base: {
      kind: "choice",
      choices: ["returns", "logged"],
      default: "returns",
      doc: "what is filtered: the returns of REINFORCE, or `tokens.advantages` as logged before the filter",
    },
    gamma: { kind: "number", default: 1, min: 0, max: 1, doc: "discount a token of the returns" },
    beta: {
      kind: "number",
      default: 0,
      min: 0,
      doc: "weight of the KL penalty in the returns (`tokens.kl`)",
    },
    bounds: {
      kind: "choice",
      choices: ["shifted", "centred"],
      default: "shifted",
      doc: "bounds of the standardised advantage: around the raw mean (released), or around 0 (paper)",
    },
    width: { kind: "number", default: 3, min: 0, doc: "half the distance of the bounds" },
    extreme: { kind: "number", default: 10, min: 0, doc: "beyond this an advantage goes in any case" },
    nonFinite: {
      kind: "choice",
      choices: ["leftOut", "zero"],
      default: "leftOut",
      doc: "an advantage that is no finite number: left out of the moments, or (released) let into them and set to 0",
    },
    offset: { kind: "number", default: 1e-8, doc: "added to the standardised advantage" },
    ratio: {
      kind: "boolean",
      default: false,
      doc: "show Pre-CLIP of the ratio `logprobs` − `old_logprobs` (current less old policy)",
    },
  },
  presets: {
    "released:r1Reward": {},
    paper: { bounds: "centred", offset: 0 },
  },
  lanes: {
    advantage: { level: "token", kind: "base", doc: "advantage before standardising" },
    standardized: { level: "token", doc: "(A − mean) · rstd + offset" },
    kept: { level: "token", kind: "weight", doc: "1 where the advantage stays, 0 where it is set to 0" },
    mean: { level: "batch", doc: "mean of the advantages" },
    rstd: { level: "batch", doc: "1 / standard deviation (n)" },
    filtered: { level: "batch", doc: "share of the trained tokens that are set to 0" },
    ratio: { level: "token", doc: "ratio of the policies after Pre-CLIP" },
    preClipped: { level: "token", doc: "1 where Pre-CLIP changes the ratio" },
    composed: { level: "trajectory", doc: "result · (1 + ½ · consistency) + ½ · format (memory)" },
  },
  run(batch, params, out) {
    const { advantage, standardized, kept, mean, rstd, filtered, credit } = out;
    const { mask, kl } = batch;
    if (params.base === "logged") advantage.set(batch.advantage!);
    else {
      const reward = batch.tokenReward!.map((x, t) => x - (params.beta > 0 ? params.beta * kl![t]! : 0));
      const next = new Float64Array(reward.length);
      discountedReturns(
        batch,
        reward,
        { gamma: params.gamma, holes: "ignore" },
        { returns: advantage, next },
      );
    }
    const moments = standardize(advantage, mask, params, standardized);
    keepInside(standardized, moments.mean, params, kept);
    mean[0] = moments.mean;
    rstd[0] = moments.rstd;
    let [trained, gone] = [0, 0];
    for (let t = 0; t < credit.length; t++) {
      credit[t] = kept[t] === 0 ? 0 : kept[t]! * standardized[t]!;
      trained += mask[t]!;
      if (mask[t] === 1 && kept[t] === 0) gone++;
    }
    filtered[0] = gone / trained;
    if (params.ratio) ratios(batch["token.logprobs"]!, batch["token.old_logprobs"]!, out);
    const [result, consistency, format] = (["result", "consistency", "format"] as const).map(
      (name) => batch[`trajectory.rewards.${name}`]!,
    );
    for (let r = 0; r < batch.nRollouts; r++)
      out.composed[r] = result![r]! * (1 + 0.5 * consistency![r]!) + 0.5 * format![r]!;
  },
  formula: () => [
    {
      left: "Â",
      symbols: "(A − mean) · rstd + offset",
      numbers: "({advantage} − {mean}) · {rstd} + {offset}",
      equals: "standardized",
    },
    { left: "A′", symbols: "kept · Â", numbers: "{kept} · {standardized}", equals: "credit" },
  ],
});

function ratios(
  current: Float64Array,
  old: Float64Array,
  { ratio, preClipped }: { readonly ratio: Float64Array; readonly preClipped: Float64Array },
): void {
  for (let t = 0; t < ratio.length; t++) {
    const logRatio = current[t]! - old[t]!;
    const clipped = preClip(logRatio);
    ratio[t] = Math.exp(clipped);
    preClipped[t] = Number.isNaN(logRatio) ? NaN : Number(clipped !== logRatio);
  }
}
