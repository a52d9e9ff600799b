import { creditMethod, type MethodInput, type MethodOutput } from "../method.ts";
import { countedTokens } from "../primitives/countedTokens.ts";
import { othersMean } from "../primitives/groupStatistics.ts";
import {
  lastTrained,
  matrixBaseline,
  matrixReturns,
  perStepBaseline,
  perTokenBaseline,
  stepSums,
  stepWeights,
} from "../primitives/processReward.ts";
import { suffixMinima, suffixSums } from "../primitives/suffix.ts";
import { whiten } from "../primitives/whiten.ts";

const forms = ["soft", "mean", "sum", "weighted", "strict", "strictReleased", "sumReleased"] as const;
type Form = (typeof forms)[number];

const params = {
  form: {
    kind: "choice",
    choices: forms,
    default: "soft",
    doc: "return of a step: soft minimum (released), uniform mean, sum, the weighted reward alone, minimum over steps (the paper), minimum or sum over the released token matrix",
  },
  temperature: {
    kind: "number",
    default: 0.1,
    min: 1e-6,
    doc: "of the soft minimum; towards 0 it is the minimum",
  },
  gamma: { kind: "number", default: 1, min: 0, max: 1, doc: "discount a step" },
  baseline: {
    kind: "choice",
    choices: ["step", "token", "matrix", "none"],
    default: "step",
    doc: "leave-one-out mean of the group: of the reward a step, of the reward a token, of the token matrix, or none",
  },
  singleton: {
    kind: "choice",
    choices: ["nan", "zero"],
    default: "nan",
    doc: "baseline of a group of one: none, or 0",
  },
  verifier: {
    kind: "boolean",
    default: false,
    doc: "add the verifier's reward (success − 1, leave-one-out) at the end",
  },
  verifierWeight: { kind: "number", default: 1, doc: "weight of the verifier's reward" },
  beta: { kind: "number", default: 0, min: 0, doc: "weight of the KL penalty of every token" },
  separators: {
    kind: "boolean",
    default: false,
    doc: "keep the advantage of the tokens that end a step (lane `advantages`)",
  },
  whiten: { kind: "boolean", default: false, doc: "whiten over the trained tokens (released matrix forms)" },
  source: {
    kind: "text",
    default: "auto",
    doc: "step scores: auto (logged, else the scorer's), logged, or a scorer's name",
  },
} as const;

const lanes = {
  processReward: { level: "step", doc: "PR = 2p − 1" },
  weight: { level: "step", doc: "weight of the step in its rollout" },
  weighted: { level: "step", doc: "w · PR" },
  shift: { level: "step", doc: "baseline of the step" },
  kept: { level: "step", doc: "w · PR minus the baseline; strict: least PR from here on" },
  later: { level: "step", doc: "credit of the next step" },
  outcome: { level: "trajectory", doc: "sum of the weighted process rewards" },
  baseline: { level: "trajectory", doc: "baseline of a step (of a token: token and matrix baselines)" },
  match: {
    level: "trajectory",
    doc: "1 where the sign of the outcome agrees with success, else 0; −1 where success is not known",
  },
  bonus: { level: "step", doc: "verifier and KL part of the return" },
  tokenRewards: { level: "token", doc: "reward of each token" },
  returns: { level: "token", doc: "return of each token" },
  advantages: { level: "token", doc: "return of each token, 0 at step ends" },
} as const;

type Input = MethodInput<"stepReward", "success" | "kl" | "mask">;
type Output = MethodOutput<keyof typeof lanes>;
interface Chosen {
  readonly form: Form;
  readonly temperature: number;
  readonly gamma: number;
  readonly baseline: "step" | "token" | "matrix" | "none";
  readonly singleton: "nan" | "zero";
  readonly verifier: boolean;
  readonly verifierWeight: number;
  readonly beta: number;
  readonly separators: boolean;
  readonly whiten: boolean;
}

/**
 * PURE, min-form process credit: a rollout is worth its worst step, so that many good steps cannot pay for a bad one.
 *
 * Cheng et al. (arXiv:2504.15275), equations 4 to 7; CJReinforce/PURE (main branch: soft minimum with step or token
 * baseline; verl branch: the `…Released` forms over a token matrix). A step's credit is its return from there on,
 * minus the baseline; text after the last step gets none. A group of one has no baseline and so no credit, as released.
 */
export const pure = creditMethod({
  id: "pure",
  label: "PURE",
  doc: "Min-form credit from a process reward model: a step is worth the worst of what follows, against the group.",
  paper: "https://arxiv.org/abs/2504.15275",
  math: String.raw`G_k = \min_{j \ge k} (2 p_j - 1), \qquad w_k = \operatorname{softmax}\left(-\frac{2 p_k - 1}{T}\right), \qquad A_k = \sum_{j \ge k} \left( w_j (2 p_j - 1) - b \right)`,
  status: "code",
  level: "step",
  comparesGroup: true,
  needs: ["stepReward"],
  uses: ["success", "kl", "mask"],
  alsoNeeds: ({ verifier, beta, baseline, form }) => [
    ...(verifier ? (["success"] as const) : []),
    ...(beta > 0 ? (["mask", "kl"] as const) : []),
    ...(isMatrix(form) || baseline === "token" ? (["mask"] as const) : []),
  ],
  params,
  presets: {
    "released:pure": {},
    "released:pureVerifier": { verifier: true },
    "released:pureVerl": { form: "strictReleased", baseline: "matrix" },
    paper: { form: "strict", singleton: "zero" },
  },
  lanes,
  run(batch, chosen, out) {
    for (let k = 0; k < batch.stepReward.length; k++) out.processReward[k] = 2 * batch.stepReward[k]! - 1;
    const weights =
      chosen.form === "soft" || chosen.form === "weighted" ? "soft" : chosen.form === "mean" ? "mean" : "one";
    stepWeights(batch, out.processReward, { kind: weights, temperature: chosen.temperature }, out.weight);
    for (let k = 0; k < out.weighted.length; k++) out.weighted[k] = out.weight[k]! * out.processReward[k]!;
    stepSums(batch, out.weighted, out.outcome);
    matches(batch, out);
    out.bonus.fill(0);
    if (isMatrix(chosen.form)) runMatrix(batch, chosen, out);
    else if (chosen.form === "weighted") out.credit.set(out.weighted);
    else if (chosen.form === "strict") runStrict(batch, chosen, out);
    else runReturns(batch, chosen, out);
  },
  formula: ({ form, verifier, beta }) => {
    if (form === "weighted") {
      return [{ left: "r", symbols: "w · PR", numbers: "{weight} · {processReward}", equals: "credit" }];
    }
    if (isMatrix(form))
      return [{ left: "A", symbols: "A of the step's last token", numbers: "{credit}", equals: "credit" }];
    if (form === "strict") {
      return [
        { left: "A", symbols: "min PR from here on − b", numbers: "{kept} − {baseline}", equals: "credit" },
      ];
    }
    const bonus = verifier || beta > 0;
    return [
      { left: "r", symbols: "w · PR − b", numbers: "{weight} · {processReward} − {shift}", equals: "kept" },
      {
        left: "A",
        symbols: bonus ? "r + γA⁺ + verifier and KL" : "r + γA⁺",
        numbers: bonus ? "{kept} + {gamma} · {later} + {bonus}" : "{kept} + {gamma} · {later}",
        equals: "credit",
      },
    ];
  },
});

function isMatrix(form: Form): boolean {
  return form === "strictReleased" || form === "sumReleased";
}

/** Does the sign of the process rewards agree with the outcome? A free test of the reward model. */
function matches({ success }: Input, { outcome, match }: Output): void {
  for (let r = 0; r < outcome.length; r++) {
    const known = success !== null && !Number.isNaN(success[r]!);
    match[r] = !known ? -1 : outcome[r]! > 0 === (success[r] === 1) ? 1 : 0;
  }
}

function baselineOf(batch: Input, { baseline, singleton }: Chosen, out: Output): void {
  const ofOne = singleton === "nan" ? NaN : 0;
  if (baseline === "step") perStepBaseline(batch, out.outcome, ofOne, out.baseline);
  else if (baseline === "token") perTokenBaseline(batch, out.outcome, ofOne, out.baseline);
  else out.baseline.fill(0);
}

/** Soft minimum, mean and sum: rewards of the steps minus the baseline, then summed from each step on. */
function runReturns(batch: Input, chosen: Chosen, out: Output): void {
  const { nRollouts, steps, stepTokens, stepEnd } = batch;
  baselineOf(batch, chosen, out);
  const end = endRewards(batch, chosen);
  for (let r = 0; r < nRollouts; r++) {
    for (let k = steps[r]!; k < steps[r + 1]!; k++) {
      out.shift[k] = (chosen.baseline === "token" ? stepTokens[k]! : 1) * out.baseline[r]!;
      out.kept[k] = out.weighted[k]! - out.shift[k]!;
    }
    let after = 0;
    for (let k = steps[r + 1]! - 1; k >= steps[r]!; k--) {
      // The bonus of a step is what falls between its end and the end of the next one; the last one's, all after it.
      const next = k + 1 < steps[r + 1]! ? stepEnd[k + 1]! : -1;
      out.bonus[k] = end === null ? 0 : bonusBetween(batch, end, r, stepEnd[k]!, next);
      out.later[k] = after;
      out.credit[k] = after = out.kept[k]! + chosen.gamma * after + out.bonus[k]!;
    }
  }
  spreadTokens(batch, out, end);
  finishTokens(batch, chosen, out);
}

interface EndRewards {
  /** Length P: −β·kl at each token, and the verifier's part at the last trained one. */
  readonly tokens: Float64Array;
  /** Length R: the verifier's part, for rollouts without tokens. */
  readonly verifier: Float64Array;
}

/** What is added beside the process rewards; null when nothing is. */
function endRewards(batch: Input, { verifier, verifierWeight, beta, singleton }: Chosen): EndRewards | null {
  if (!verifier && beta === 0) return null;
  const tokens = new Float64Array(batch.mask.length);
  const part = new Float64Array(batch.nRollouts);
  if (batch.kl !== null && beta > 0) for (let t = 0; t < tokens.length; t++) tokens[t] = -beta * batch.kl[t]!;
  if (verifier && batch.success !== null) {
    const judged = batch.success.map((x) => x - 1);
    const others = new Float64Array(batch.nRollouts);
    othersMean(batch, judged, () => (singleton === "nan" ? NaN : 0), others);
    for (let r = 0; r < batch.nRollouts; r++) {
      part[r] = verifierWeight * (judged[r]! - others[r]!);
      const last = lastTrained(batch, r);
      if (last >= 0) tokens[last]! += part[r]!;
    }
  }
  return { tokens, verifier: part };
}

function bonusBetween({ positions }: Input, end: EndRewards, r: number, from: number, to: number): number {
  if (from < 0) return to < 0 ? end.verifier[r]! : 0;
  let sum = 0;
  for (let t = from; t < (to < 0 ? positions[r + 1]! : to); t++) sum += end.tokens[t]!;
  return sum;
}

function spreadTokens(batch: Input, out: Output, end: EndRewards | null): void {
  out.tokenRewards.fill(0);
  batch.stepEnd.forEach((at, k) => {
    if (at >= 0) out.tokenRewards[at]! += out.kept[k]!;
  });
  if (end !== null) for (let t = 0; t < out.tokenRewards.length; t++) out.tokenRewards[t]! += end.tokens[t]!;
}

function finishTokens(batch: Input, { separators }: Chosen, out: Output): void {
  suffixSums(batch.positions, out.tokenRewards, 1, out.returns);
  out.advantages.set(out.returns);
  if (!separators) for (const at of batch.stepEnd) if (at >= 0) out.advantages[at] = 0;
}

/** The paper's form: the least process reward from each step on, against the others' mean of it. */
function runStrict(batch: Input, chosen: Chosen, out: Output): void {
  suffixMinima(batch.steps, out.processReward, out.kept);
  stepSums(batch, out.kept, out.outcome);
  baselineOf(batch, chosen, out);
  for (let r = 0; r < batch.nRollouts; r++) {
    for (let k = batch.steps[r]!; k < batch.steps[r + 1]!; k++)
      out.credit[k] = out.kept[k]! - out.baseline[r]!;
  }
}

/** The verl branch: returns over a token matrix that is 0 between the step ends. */
function runMatrix(batch: Input, chosen: Chosen, out: Output): void {
  const ofOne = chosen.singleton === "nan" ? NaN : 0;
  out.tokenRewards.fill(0);
  batch.stepEnd.forEach((at, k) => {
    if (at >= 0) out.tokenRewards[at]! += out.processReward[k]!;
  });
  matrixReturns(batch, out.tokenRewards, chosen.form === "sumReleased" ? "sum" : "min", out.returns);
  if (chosen.baseline === "none") out.baseline.fill(0);
  else matrixBaseline(batch, out.returns, ofOne, out.baseline);
  for (let r = 0; r < batch.nRollouts; r++) {
    for (let t = batch.positions[r]!; t < batch.positions[r + 1]!; t++) {
      out.returns[t] = (out.returns[t]! - out.baseline[r]!) * batch.mask[t]!;
    }
  }
  out.advantages.set(out.returns);
  if (chosen.whiten) {
    const { n } = whiten(out.returns, countedTokens(batch.mask, out.returns), out.advantages);
    if (n < 2) out.warn("few-tokens");
    for (let t = 0; t < out.advantages.length; t++) out.advantages[t]! *= batch.mask[t]!;
  }
  batch.stepEnd.forEach((at, k) => (out.credit[k] = at >= 0 ? out.advantages[at]! : NaN));
}
