import { creditMethod, type MethodInput, type MethodOutput } from "../method.ts";
import {
  implicitRewards,
  logRatios,
  returnBound,
  spanSums,
  turnSpans,
} from "../primitives/implicitReward.ts";
import { turnStatistics } from "../primitives/turnStatistics.ts";
import { maskedMoments } from "../primitives/whiten.ts";

const forms = ["rloo", "grpoMean", "grpoMeanStd", "reinforcePlusPlus", "combined", "processOnly"] as const;

const params = {
  form: {
    kind: "choice",
    choices: forms,
    default: "rloo",
    doc: "both parts leave-one-out, minus the mean, in deviations, or minus the mean and whitened; leave-one-out of the summed rewards; or of the step reward alone",
  },
  omega: { kind: "number", default: 1, doc: "weight of the step part" },
  beta: { kind: "number", default: 0.05, doc: "scale of the log-ratio" },
  implicit: {
    kind: "choice",
    choices: ["logRatio", "logged"],
    default: "logRatio",
    doc: "step rewards: from the log-ratio of `rm_logprobs`, or the sum of `rm_scores` over the turn",
  },
  reference: {
    kind: "choice",
    choices: ["old", "ref"],
    default: "old",
    doc: "what the log-ratio is taken against: `old_logprobs`, or `ref_logprobs`",
  },
  granularity: {
    kind: "choice",
    choices: ["step", "token"],
    default: "step",
    doc: "reward of a turn: at its last token, or of each token but the last",
  },
  norm: {
    kind: "choice",
    choices: ["batch", "none"],
    default: "batch",
    doc: "divide step rewards by the batch's greatest |return of a turn| + 1e-6, or not",
  },
  baseline: {
    kind: "choice",
    choices: ["first", "all"],
    default: "first",
    doc: "step rewards are compared with the first turn of each rollout (released), or with all turns of the group (own)",
  },
  episode: {
    kind: "choice",
    choices: ["rollout", "turn"],
    default: "rollout",
    doc: "the episode's reward: of the rollout, or as each turn logs it (`episode_reward`)",
  },
  epsilon: { kind: "number", default: 1e-6, min: 0, doc: "added to the standard deviation" },
  source: { kind: "text", default: "auto", doc: "log-probabilities: auto, logged, or a scorer's name" },
} as const;

const lanes = {
  logRatio: { level: "token", doc: "q = log π_φ − log π_old at trained tokens, 0 elsewhere" },
  stepReward: { level: "token", doc: "step reward where it is placed" },
  unit: { level: "batch", doc: "what step rewards are divided by" },
  episodeReward: {
    level: "turn",
    doc: "reward of the episode; combined: plus ω times the turn's step reward",
  },
  episodeMean: { level: "turn", doc: "mean of it over the group, one entry a rollout" },
  episodeScale: { level: "turn", doc: "n / (n − 1), 1, or one over the deviation" },
  episodeCentre: { level: "batch", doc: "mean of the centred rewards over the batch's trained tokens" },
  episodeVariance: { level: "batch", doc: "variance of the same" },
  episodeAdvantage: { level: "turn", doc: "advantage of the episode", kind: "component" },
  reward: { level: "turn", doc: "step reward of the turn" },
  stepMean: { level: "turn", doc: "mean step reward of the group's entries" },
  stepScale: { level: "turn", doc: "n / (n − 1), 1, or one over the deviation" },
  stepCentre: { level: "batch", doc: "mean of the centred step rewards over the batch's trained tokens" },
  stepVariance: { level: "batch", doc: "variance of the same" },
  stepAdvantage: { level: "turn", doc: "advantage of the turn" },
  weighted: { level: "turn", doc: "ω times the advantage of the turn", kind: "component" },
} as const;

type Input = MethodInput<
  "mask",
  | "reward"
  | "token.rm_logprobs"
  | "token.old_logprobs"
  | "token.ref_logprobs"
  | "token.rm_scores"
  | "turn.episode_reward"
>;
type Output = MethodOutput<keyof typeof lanes>;
interface Chosen {
  readonly form: (typeof forms)[number];
  readonly omega: number;
  readonly beta: number;
  readonly implicit: "logRatio" | "logged";
  readonly reference: "old" | "ref";
  readonly granularity: "step" | "token";
  readonly norm: "batch" | "none";
  readonly baseline: "first" | "all";
  readonly episode: "rollout" | "turn";
  readonly epsilon: number;
}

/**
 * iStar (online process reward learning): each turn is credited with the episode's advantage and that of its own implicit
 * step reward, β Σ (log π_φ − log π_old) over its tokens.
 *
 * Liu et al. (arXiv:2509.19199); Tongyi-ConvAI/Qwen-Character `core_istar.py`, `dp_rm.py`. The
 * release compares every turn with the *first* turns of the group's rollouts, whatever its docstrings say. A group of
 * one keeps its raw rewards.
 */
export const istar = creditMethod({
  id: "istar",
  label: "iStar (OPRL)",
  doc: "Episode advantage plus ω times that of each turn's implicit step reward: the log-ratio of an online process reward model and the old policy.",
  paper: "https://arxiv.org/abs/2509.19199",
  math: String.raw`r^\phi_k = \beta \sum_{t \in k} \log\frac{\pi_\phi(y_t)}{\pi_{old}(y_t)}, \qquad A_k = A^E(R) + \omega A^S(r^\phi_k)`,
  status: "code",
  level: "turn",
  comparesGroup: true,
  needs: ["mask"],
  uses: [
    "reward",
    "token.rm_logprobs",
    "token.old_logprobs",
    "token.ref_logprobs",
    "token.rm_scores",
    "turn.episode_reward",
  ],
  alsoNeeds: ({ form, episode, implicit, reference }) => [
    ...(form === "processOnly"
      ? []
      : episode === "turn"
        ? (["turn.episode_reward"] as const)
        : (["reward"] as const)),
    ...(implicit === "logged"
      ? (["token.rm_scores"] as const)
      : (["token.rm_logprobs", `token.${reference}_logprobs`] as const)),
  ],
  params,
  presets: {
    "released:istar": {},
    "released:istarGrpo": { form: "grpoMean" },
    "released:istarReinforcePlusPlus": { form: "reinforcePlusPlus" },
    "released:combined": { form: "combined", granularity: "token" },
    allSteps: { baseline: "all" },
  },
  lanes,
  run(batch, chosen, out) {
    stepRewards(batch, chosen, out);
    if (chosen.form !== "processOnly") episodeRewards(batch, chosen, out);
    const isCombined = chosen.form === "combined";
    if (chosen.form === "processOnly") out.episodeAdvantage.fill(0);
    else advantages(batch, chosen, episodeLanes(out), isCombined ? chosen.baseline : "first");
    if (isCombined) out.stepAdvantage.fill(0);
    else advantages(batch, chosen, stepLanes(out), chosen.baseline);
    const omega = chosen.form === "processOnly" ? 1 : chosen.omega;
    for (let u = 0; u < out.credit.length; u++) {
      out.weighted[u] = omega * out.stepAdvantage[u]!;
      out.credit[u] = out.episodeAdvantage[u]! + out.weighted[u]!;
    }
  },
  formula: ({ form }) => {
    const whitened = form === "reinforcePlusPlus";
    const line = (left: string, x: string, part: "episode" | "step", name: string) => ({
      left,
      symbols: whitened ? `(${x} − mean − centre) / √(var + 1e-8)` : `(${x} − mean) · scale`,
      numbers: whitened
        ? `({${name}} − {${part}Mean} − {${part}Centre}) / √({${part}Variance} + 1e-8)`
        : `({${name}} − {${part}Mean}) · {${part}Scale}`,
      equals: `${part}Advantage`,
    });
    const episode = line("A_E", form === "combined" ? "(R + ωr)" : "R", "episode", "episodeReward");
    const step = line("A_S", "r", "step", "reward");
    const only = (numbers: string, equals: string) => ({ left: "A", symbols: numbers, numbers, equals });
    if (form === "combined") return [episode, { ...only("{episodeAdvantage}", "credit"), symbols: "A_E" }];
    if (form === "processOnly") return [step, { ...only("{stepAdvantage}", "credit"), symbols: "A_S" }];
    return [
      episode,
      step,
      {
        left: "A",
        symbols: "A_E + ωA_S",
        numbers: "{episodeAdvantage} + {omega} · {stepAdvantage}",
        equals: "credit",
      },
    ];
  },
});

interface PartLanes {
  readonly reward: Float64Array;
  readonly mean: Float64Array;
  readonly scale: Float64Array;
  readonly centre: Float64Array;
  readonly variance: Float64Array;
  readonly advantage: Float64Array;
}

const episodeLanes = (out: Output): PartLanes => ({
  reward: out.episodeReward,
  mean: out.episodeMean,
  scale: out.episodeScale,
  centre: out.episodeCentre,
  variance: out.episodeVariance,
  advantage: out.episodeAdvantage,
});

const stepLanes = (out: Output): PartLanes => ({
  reward: out.reward,
  mean: out.stepMean,
  scale: out.stepScale,
  centre: out.stepCentre,
  variance: out.stepVariance,
  advantage: out.stepAdvantage,
});

/** Sum of the turn's implicit rewards; NaN for a turn without tokens. */
function stepRewards(batch: Input, chosen: Chosen, out: Output): void {
  const { mask, turnFrom, turnTo } = batch;
  const spans = turnSpans(batch);
  out.unit[0] = 1;
  if (chosen.implicit === "logged") out.stepReward.set(batch["token.rm_scores"]!);
  else {
    const reference = chosen.reference === "old" ? batch["token.old_logprobs"] : batch["token.ref_logprobs"];
    logRatios(batch["token.rm_logprobs"]!, reference, out.logRatio);
    for (let t = 0; t < mask.length; t++) if (mask[t] === 0) out.logRatio[t] = 0;
    const place = chosen.granularity === "step" ? "last" : "allButLast";
    const options = { beta: chosen.beta, lambda: 0, place, outcome: null } as const;
    implicitRewards(batch, spans, out.logRatio, options, out.stepReward);
    if (chosen.norm === "batch") out.unit[0] = returnBound(spans, out.stepReward);
    for (let t = 0; t < mask.length; t++) out.stepReward[t]! /= out.unit[0];
  }
  spanSums(spans, out.stepReward, out.reward);
  for (let u = 0; u < turnFrom.length; u++) if (turnFrom[u] === turnTo[u]) out.reward[u] = NaN;
}

function episodeRewards(batch: Input, { form, omega, episode }: Chosen, out: Output): void {
  for (let r = 0; r < batch.nRollouts; r++) {
    for (let u = batch.turns[r]!; u < batch.turns[r + 1]!; u++) {
      const own = episode === "turn" ? batch["turn.episode_reward"]![u]! : batch.reward![r]!;
      out.episodeReward[u] = form === "combined" ? own + omega * out.reward[u]! : own;
    }
  }
}

/** (x − mean) · scale of each turn; whitened over the batch's trained tokens where the form says so. */
function advantages(batch: Input, { form, epsilon }: Chosen, part: PartLanes, over: "first" | "all"): void {
  const { reward, mean, scale, advantage } = part;
  const size = new Float64Array(reward.length);
  const deviation = new Float64Array(reward.length);
  turnStatistics(batch, reward, over, { size, mean, deviation });
  for (let u = 0; u < reward.length; u++) {
    const isRloo = form === "rloo" || form === "combined" || form === "processOnly";
    if (isRloo) scale[u] = size[u]! > 1 ? size[u]! / (size[u]! - 1) : 1;
    else scale[u] = form === "grpoMeanStd" ? 1 / (deviation[u]! + epsilon) : 1;
    advantage[u] = (reward[u]! - mean[u]!) * scale[u]!;
  }
  if (form !== "reinforcePlusPlus") return;
  const spread = new Float64Array(batch.mask.length);
  for (let u = 0; u < reward.length; u++) spread.fill(advantage[u]!, batch.turnFrom[u], batch.turnTo[u]);
  const moments = maskedMoments(spread, batch.mask);
  part.centre[0] = moments.mean;
  part.variance[0] = moments.variance;
  const unit = Math.sqrt(moments.variance + 1e-8);
  for (let u = 0; u < reward.length; u++) advantage[u] = (advantage[u]! - moments.mean) / unit;
}
