import { creditMethod, type MethodInput, type MethodOutput } from "../method.ts";
import { ParameterError } from "../parameter.ts";
import { countedTokens } from "../primitives/countedTokens.ts";
import {
  implicitRewards,
  logRatios,
  returnBound,
  rolloutSpans,
  type RewardPlace,
} from "../primitives/implicitReward.ts";
import { inflatedRloo } from "../primitives/inflatedRloo.ts";
import { lastTrained } from "../primitives/processReward.ts";
import { discountedReturns } from "../primitives/suffix.ts";
import { whiten } from "../primitives/whiten.ts";

const params = {
  implicit: {
    kind: "choice",
    choices: ["logRatio", "logged"],
    default: "logRatio",
    doc: "process rewards: from the log-ratio of `rm_logprobs`, or as logged (`rm_scores`)",
  },
  reference: {
    kind: "choice",
    choices: ["ref", "old"],
    default: "ref",
    doc: "what the log-ratio is taken against: `ref_logprobs`, or the old policy's `old_logprobs`",
  },
  beta: { kind: "number", default: 1, doc: "scale of the log-ratio; the recipe of verl has 0.05" },
  lambda: {
    kind: "number",
    default: 0,
    min: 0,
    max: 1,
    doc: "0: each token its own log-ratio; above: the sum of those from it on",
  },
  groundTruth: {
    kind: "boolean",
    default: false,
    doc: "with λ > 0: the last token is what is left of the outcome",
  },
  granularity: {
    kind: "choice",
    choices: ["token", "whole"],
    default: "token",
    doc: "process rewards at each token, or their sum at the last one",
  },
  lastToken: {
    kind: "choice",
    choices: ["keep", "drop"],
    default: "keep",
    doc: "process reward of the last token: kept, or 0 as in verl's recipe",
  },
  norm: {
    kind: "choice",
    choices: ["batch", "none"],
    default: "batch",
    doc: "divide process rewards by the batch's greatest |return| + 1e-6, or not",
  },
  implicitWeight: { kind: "number", default: 1, doc: "weight of the process rewards" },
  verifierWeight: { kind: "number", default: 1, doc: "weight of the outcome" },
  implicitGamma: { kind: "number", default: 1, min: 0, max: 1, doc: "discount of process rewards a token" },
  verifierGamma: { kind: "number", default: 1, min: 0, max: 1, doc: "discount of the outcome a token" },
  singleton: {
    kind: "choice",
    choices: ["nan", "raw"],
    default: "nan",
    doc: "a group of one: none (the release divides by zero), or its rewards as they are",
  },
  whiten: {
    kind: "boolean",
    default: true,
    doc: "subtract the batch's mean and divide by its standard deviation",
  },
  source: { kind: "text", default: "auto", doc: "log-probabilities: auto, logged, or a scorer's name" },
} as const;

const lanes = {
  logRatio: { level: "token", doc: "q = log π_φ − log π_ref" },
  q: { level: "token", doc: "q at trained tokens, 0 elsewhere" },
  unit: { level: "batch", doc: "what process rewards are divided by" },
  score: { level: "token", doc: "process reward of the token" },
  inflation: { level: "trajectory", doc: "n / (n − 1)" },
  baseline: { level: "trajectory", doc: "Σ of the group's mean process rewards over n − 1" },
  implicit: { level: "token", doc: "process reward against the group" },
  implicitNext: { level: "token", doc: "process return of the tokens after it" },
  implicitReturn: { level: "token", doc: "process return" },
  verifierBaseline: { level: "trajectory", doc: "Σ of the group's outcomes over n − 1" },
  verifier: { level: "token", doc: "outcome against the group, at the last token" },
  verifierReturn: { level: "token", doc: "return of the outcome" },
  returns: { level: "token", doc: "sum of both returns" },
  mean: { level: "batch", doc: "mean return of the batch's trained tokens" },
  variance: { level: "batch", doc: "variance of the returns (n − 1)" },
  fromImplicit: { level: "token", doc: "part of the credit that process rewards give", kind: "component" },
  fromVerifier: { level: "token", doc: "part of the credit that the outcome gives", kind: "component" },
} as const;

type Input = MethodInput<
  "mask",
  "reward" | "token.rm_logprobs" | "token.ref_logprobs" | "token.old_logprobs" | "token.rm_scores"
>;
type Output = MethodOutput<keyof typeof lanes>;
interface Chosen {
  readonly implicit: "logRatio" | "logged";
  readonly reference: "ref" | "old";
  readonly beta: number;
  readonly lambda: number;
  readonly groundTruth: boolean;
  readonly granularity: "token" | "whole";
  readonly lastToken: "keep" | "drop";
  readonly norm: "batch" | "none";
  readonly implicitWeight: number;
  readonly verifierWeight: number;
  readonly implicitGamma: number;
  readonly verifierGamma: number;
  readonly singleton: "nan" | "raw";
  readonly whiten: boolean;
}

/**
 * PRIME: dense process rewards from an implicit process reward model, beside the outcome.
 *
 * Cui et al. (arXiv:2502.01456); PRIME-RL/PRIME `compute_implicit_reward`, `compute_rloo_returns`
 * (`released:prime`), and verl's recipe (`released:verlRecipe`: β, the last token dropped, weights 5 and 5). Rollouts
 * are compared in the log's groups; the releases count n consecutive rows.
 */
export const prime = creditMethod({
  id: "prime",
  label: "PRIME",
  doc: "Token rewards of an implicit process reward model (log-ratios) and the outcome, each against the group, summed from each token on and whitened.",
  paper: "https://arxiv.org/abs/2502.01456",
  math: String.raw`r_t = \log\frac{\pi_\phi(y_t)}{\pi_{ref}(y_t)}, \qquad G_t = \sum_{s \ge t} \left( \tfrac{n}{n-1} r_s - \tfrac{1}{n-1} \sum_j \bar r_j \right) + \tfrac{n}{n-1} R - \tfrac{1}{n-1} \sum_j R_j`,
  status: "code",
  level: "token",
  comparesGroup: true,
  needs: ["mask"],
  uses: ["reward", "token.rm_logprobs", "token.ref_logprobs", "token.old_logprobs", "token.rm_scores"],
  alsoNeeds: ({ implicit, reference, implicitWeight, verifierWeight, lambda, groundTruth }) => [
    ...(verifierWeight !== 0 || (lambda > 0 && groundTruth) ? (["reward"] as const) : []),
    ...(implicitWeight === 0
      ? []
      : implicit === "logged"
        ? (["token.rm_scores"] as const)
        : (["token.rm_logprobs", `token.${reference}_logprobs`] as const)),
  ],
  params,
  presets: {
    "released:prime": {},
    "released:verlRecipe": { beta: 0.05, lastToken: "drop", implicitWeight: 5, verifierWeight: 5 },
  },
  lanes,
  run(batch, chosen, out) {
    if (chosen.implicitWeight === 0) out.implicit.fill(0);
    else runImplicit(batch, chosen, out);
    if (chosen.verifierWeight === 0) out.verifier.fill(0);
    else runVerifier(batch, chosen, out);
    const { implicit, implicitNext, implicitReturn, verifier, verifierReturn, returns } = out;
    const next = new Float64Array(returns.length);
    const gamma = { implicit: chosen.implicitGamma, verifier: chosen.verifierGamma };
    discountedReturns(
      batch,
      implicit,
      { gamma: gamma.implicit, holes: "ignore" },
      { returns: implicitReturn, next: implicitNext },
    );
    discountedReturns(
      batch,
      verifier,
      { gamma: gamma.verifier, holes: "ignore" },
      { returns: verifierReturn, next },
    );
    for (let t = 0; t < returns.length; t++) returns[t] = implicitReturn[t]! + verifierReturn[t]!;
    finish(batch, chosen, out);
  },
  formula: ({ implicitWeight, whiten: whitened }) => [
    ...(implicitWeight === 0
      ? []
      : [
          {
            left: "a_φ",
            symbols: "w (r n/(n − 1) − b)",
            numbers: "{implicitWeight} · ({score} · {inflation} − {baseline})",
            equals: "implicit",
          },
          {
            left: "G_φ",
            symbols: "a_φ + γG_φ⁺",
            numbers: "{implicit} + {implicitGamma} · {implicitNext}",
            equals: "implicitReturn",
          },
        ]),
    { left: "G", symbols: "G_φ + G_v", numbers: "{implicitReturn} + {verifierReturn}", equals: "returns" },
    whitened
      ? {
          left: "A",
          symbols: "(G − mean) / √(var + 1e-8)",
          numbers: "({returns} − {mean}) / √({variance} + 1e-8)",
          equals: "credit",
        }
      : { left: "A", symbols: "G", numbers: "{returns}", equals: "credit" },
  ],
});

function runImplicit(batch: Input, chosen: Chosen, out: Output): void {
  const { mask } = batch;
  const spans = rolloutSpans(batch);
  if (chosen.implicit === "logged") {
    for (let t = 0; t < mask.length; t++) out.score[t] = batch["token.rm_scores"]![t]! * mask[t]!;
    out.unit[0] = 1;
  } else {
    const reference = chosen.reference === "ref" ? batch["token.ref_logprobs"] : batch["token.old_logprobs"];
    logRatios(batch["token.rm_logprobs"]!, reference, out.logRatio);
    for (let t = 0; t < mask.length; t++) out.q[t] = mask[t] === 1 ? out.logRatio[t]! : 0;
    const outcome = chosen.lambda > 0 && chosen.groundTruth ? batch.reward : null;
    const { beta, lambda } = chosen;
    implicitRewards(batch, spans, out.q, { beta, lambda, place: placeOf(chosen), outcome }, out.score);
    out.unit[0] = chosen.norm === "batch" ? returnBound(spans, out.score) : 1;
    for (let t = 0; t < mask.length; t++) out.score[t]! /= out.unit[0];
  }
  const { inflation, baseline, implicit } = out;
  const of = { x: out.score, at: mask, ofOne: chosen.singleton };
  inflatedRloo(batch, of, { inflation, baseline, centred: implicit });
  for (let t = 0; t < mask.length; t++) implicit[t]! *= chosen.implicitWeight;
}

/** @throws ParameterError where the recipe, which drops the last token, is asked to put everything there: it fails too. */
function placeOf({ granularity, lastToken }: Chosen): RewardPlace {
  if (granularity === "token") return lastToken === "keep" ? "token" : "allButLast";
  if (lastToken === "keep") return "last";
  throw new ParameterError("prime: granularity whole puts the reward at the last token; set lastToken=keep");
}

function runVerifier(batch: Input, chosen: Chosen, out: Output): void {
  const at = new Uint8Array(batch.mask.length);
  const x = new Float64Array(batch.mask.length);
  for (let r = 0; r < batch.nRollouts; r++) {
    const last = lastTrained(batch, r);
    if (last < 0) continue;
    at[last] = 1;
    x[last] = batch.reward![r]!;
  }
  const { inflation, verifierBaseline: baseline, verifier } = out;
  inflatedRloo(batch, { x, at, ofOne: chosen.singleton }, { inflation, baseline, centred: verifier });
  for (let t = 0; t < x.length; t++) verifier[t]! *= chosen.verifierWeight;
}

/** Whitening is affine, so that the credit is the sum of what it makes of each source's return. */
function finish({ mask }: Input, chosen: Chosen, out: Output): void {
  const { returns, credit, implicitReturn, verifierReturn } = out;
  let [scale, centre] = [1, 0];
  if (chosen.whiten) {
    const counted = countedTokens(mask, returns);
    const moments = whiten(returns, counted, credit);
    if (moments.n < 2) out.warn("few-tokens");
    out.mean[0] = moments.mean;
    out.variance[0] = moments.variance;
    [scale, centre] = [1 / Math.sqrt(moments.variance + 1e-8), meanOf(implicitReturn, counted)];
  } else credit.set(returns);
  for (let t = 0; t < credit.length; t++) {
    out.fromImplicit[t] = (implicitReturn[t]! - centre) * scale;
    out.fromVerifier[t] = (verifierReturn[t]! - (chosen.whiten ? out.mean[0]! - centre : 0)) * scale;
  }
}

function meanOf(x: Float64Array, mask: Uint8Array): number {
  let [sum, n] = [0, 0];
  for (let t = 0; t < x.length; t++) {
    if (mask[t] !== 1) continue;
    sum += x[t]!;
    n++;
  }
  return sum / n;
}
