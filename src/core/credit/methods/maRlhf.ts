import { creditMethod, type MethodInput, type MethodOutput } from "../method.ts";
import {
  type MacroRow,
  macroGae,
  macroSums,
  ngramBoundaries,
  perplexityBoundaries,
  releasedScorePosition,
  segmentBoundaries,
  withoutEmpty,
} from "../primitives/macroActions.ts";

const params = {
  actions: {
    kind: "choice",
    choices: ["ngram", "perplexity", "steps"],
    default: "ngram",
    doc: "a macro action: n trained tokens; from the token before one of higher perplexity on (`ref_logprobs`); a step as logged, else segmented (constituents of a parse tree, or the draws of randomised n-grams, are logged as steps)",
  },
  n: {
    kind: "number",
    whole: true,
    default: 5,
    min: 1,
    doc: "trained tokens of a macro action (the code's default, 1, is plain PPO)",
  },
  sigma: {
    kind: "choice",
    choices: ["equal", "position", "last"],
    default: "equal",
    doc: "weights of a macro action's tokens: 1/n, 1/(i + 1) normalised, or its last token alone (the paper's unit; the release fails on it)",
  },
  gamma: { kind: "number", default: 1, min: 0, max: 1, doc: "discount a macro action" },
  lambda: { kind: "number", default: 0.95, min: 0, max: 1, doc: "weight of looking further ahead" },
  rewards: {
    kind: "choice",
    choices: ["kl", "logged"],
    default: "kl",
    doc: "rewards of the tokens: the KL penalty plus the clipped outcome, or as logged",
  },
  beta: { kind: "number", default: 0.05, min: 0, doc: "weight of log π − log π_ref in a token's reward" },
  clip: { kind: "number", default: 2.5, min: 0, doc: "the outcome is clipped to ± this" },
  scoreAt: {
    kind: "choice",
    choices: ["released", "lastTrained"],
    default: "released",
    doc: "where the outcome is added: one position behind as many as are trained on, at most the last (lost on padding), or the last trained token",
  },
  emptyActions: {
    kind: "choice",
    choices: ["released", "none"],
    default: "released",
    doc: "an empty macro action before the last token, where n divides the tokens before it: kept, or left out",
  },
  source: {
    kind: "text",
    default: "auto",
    doc: "values: auto (logged, else the scorer's), logged, or a scorer's name",
  },
} as const;

const lanes = {
  logRatio: { level: "token", doc: "log π − log π_ref" },
  score: { level: "token", doc: "the clipped outcome, at one token; else 0" },
  reward: { level: "token", doc: "reward of the token, what follows the end of the response included" },
  kept: { level: "token", doc: "the same, 0 behind the end of the response" },
  action: { level: "token", doc: "number of the token's macro action in its rollout" },
  macroReward: { level: "token", doc: "reward of the token's macro action" },
  macroValue: { level: "token", doc: "value of the token's macro action" },
  nextValue: { level: "token", doc: "value of the next macro action" },
  nextAdvantage: { level: "token", doc: "advantage of the next macro action" },
  returns: { level: "token", doc: "advantage plus value of the macro action" },
} as const;

type Input = MethodInput<
  "mask" | "value",
  "reward" | "tokenReward" | "token.logprobs" | "token.ref_logprobs" | "stepText"
>;
type Output = MethodOutput<keyof typeof lanes>;

/**
 * MA-RLHF: PPO over macro actions. Rewards and values of a macro action are weighted sums over its tokens, GAE runs over macro
 * actions, and each token gets its macro action's advantage. The last macro action is the last token alone.
 *
 * Chai et al. (arXiv:2410.02743), section 3; ernie-research/MA-RLHF `DeepSpeedPPOTrainer`, with the run script's n = 5.
 */
export const maRlhf = creditMethod({
  id: "maRlhf",
  label: "MA-RLHF",
  doc: "GAE over macro actions (n-grams, spans of falling perplexity, logged steps): each token gets the advantage of its span. Needs the critic's values.",
  paper: "https://arxiv.org/abs/2410.02743",
  math: String.raw`R_\tau = \sum_{t \in \omega_\tau} \sigma_t r_t, \quad V_\tau = \sum_{t \in \omega_\tau} \sigma_t V_t, \quad A_\tau = R_\tau + \gamma V_{\tau+1} - V_\tau + \gamma \lambda A_{\tau+1}`,
  status: "code",
  level: "token",
  comparesGroup: false,
  needs: ["mask", "value"],
  uses: ["reward", "tokenReward", "token.logprobs", "token.ref_logprobs", "stepText"],
  alsoNeeds: (chosen) => [
    ...(chosen.rewards === "kl" ? (["reward"] as const) : (["tokenReward"] as const)),
    ...(chosen.rewards === "kl" && chosen.beta > 0 ? (["token.logprobs"] as const) : []),
    ...((chosen.rewards === "kl" && chosen.beta > 0) || chosen.actions === "perplexity"
      ? (["token.ref_logprobs"] as const)
      : []),
    ...(chosen.actions === "steps" ? (["stepText"] as const) : []),
  ],
  params,
  presets: {
    "released:maRlhf": {},
    "released:maRlhfPerplexity": { actions: "perplexity" },
    paper: { scoreAt: "lastTrained", emptyActions: "none" },
  },
  lanes,
  run(batch, chosen, out) {
    for (let r = 0; r < batch.nRollouts; r++) {
      const row = { from: batch.positions[r]!, to: batch.positions[r + 1]!, mask: batch.mask };
      rewardsOf(batch, r, row, chosen, out);
      const all = boundariesOf(batch, r, row, chosen);
      spread(row, chosen.emptyActions === "none" ? withoutEmpty(all) : all, batch.value, chosen, out);
    }
  },
  formula: ({ rewards, beta }) => [
    ...(rewards === "logged"
      ? []
      : [
          {
            left: "r",
            symbols: beta > 0 ? "−β(log π − log π_ref) + R" : "R",
            numbers: beta > 0 ? "{score} − {beta} · {logRatio}" : "{score}",
            equals: "reward",
          },
        ]),
    {
      left: "A",
      symbols: "R_τ + γV⁺ − V_τ + γλA⁺",
      numbers: "{macroReward} + {gamma} · {nextValue} − {macroValue} + {gamma} · {lambda} · {nextAdvantage}",
      equals: "credit",
    },
  ],
});

interface Chosen {
  readonly actions: "ngram" | "perplexity" | "steps";
  readonly n: number;
  readonly sigma: "equal" | "position" | "last";
  readonly gamma: number;
  readonly lambda: number;
  readonly rewards: "kl" | "logged";
  readonly beta: number;
  readonly clip: number;
  readonly scoreAt: "released" | "lastTrained";
}

function rewardsOf(batch: Input, r: number, row: MacroRow, chosen: Chosen, out: Output): void {
  const { from, to, mask } = row;
  const { "token.logprobs": logprob, "token.ref_logprobs": reference } = batch;
  const last = batch.mask.subarray(from, to).lastIndexOf(1);
  const at = chosen.scoreAt === "released" ? releasedScorePosition(row) : from + last;
  const end = releasedScorePosition(row) + 1;
  for (let t = from; t < to; t++) {
    out.logRatio[t] = logprob === null || reference === null ? 0 : logprob[t]! - reference[t]!;
    const score = chosen.rewards === "kl" && t === at ? batch.reward![r]! : 0;
    out.score[t] = Math.max(-chosen.clip, Math.min(chosen.clip, score));
    out.reward[t] =
      chosen.rewards === "logged" ? batch.tokenReward![t]! : out.score[t]! - chosen.beta * out.logRatio[t]!;
    out.kept[t] = t < end || mask[t] === 1 ? out.reward[t]! : 0;
  }
}

function boundariesOf(batch: Input, r: number, row: MacroRow, { actions, n }: Chosen): readonly number[] {
  if (actions === "ngram") return ngramBoundaries(row, n);
  if (actions === "perplexity") return perplexityBoundaries(row, batch["token.ref_logprobs"]!);
  return segmentBoundaries(row, batch.stepEnd.subarray(batch.steps[r], batch.steps[r + 1]));
}

/** Rewards, values and advantages of the macro actions, at each of their tokens. */
function spread(
  row: MacroRow,
  boundaries: readonly number[],
  value: Float64Array,
  { sigma, gamma, lambda }: Chosen,
  out: Output,
): void {
  const rewards = macroSums(row, boundaries, out.kept, sigma);
  const values = macroSums(row, boundaries, value, sigma);
  const { nextValue, nextAdvantage, advantage } = macroGae(rewards, values, { gamma, lambda });
  boundaries.forEach((from, k) => {
    const to = boundaries[k + 1] ?? row.to;
    out.action.fill(k, from, to);
    out.macroReward.fill(rewards[k]!, from, to);
    out.macroValue.fill(values[k]!, from, to);
    out.nextValue.fill(nextValue[k]!, from, to);
    out.nextAdvantage.fill(nextAdvantage[k]!, from, to);
    out.returns.fill(advantage[k]! + values[k]!, from, to);
    out.credit.fill(advantage[k]!, from, to);
  });
}
