import { creditMethod, type MethodInput, type MethodOutput } from "../method.ts";
import { groupMean, groupVariance } from "../primitives/groupStatistics.ts";
import { listMeans } from "../primitives/listMeans.ts";
import { keyedMoments } from "../primitives/keyedMoments.ts";
import { positionMoments } from "../primitives/positionStatistics.ts";
import { discountedReturns, suffixSums } from "../primitives/suffix.ts";
import { turnSums } from "../primitives/turnSums.ts";

const params = {
  form: {
    kind: "choice",
    choices: ["position", "start", "turns"],
    default: "position",
    doc: "compared with the group: returns at the same position, the return at the first position, or the rewards of all turns",
  },
  gains: {
    kind: "choice",
    choices: ["reward", "likelihood"],
    default: "reward",
    doc: "information gains as logged rewards of tokens or turns, or from the logged log-probabilities of the reference answer's tokens: `gt_log_probs` of the trajectory (before the first turn) and of each turn (after it)",
  },
  gamma: { kind: "number", default: 1, min: 0, max: 1, doc: "discount a token; a turn in form turns" },
  normalizeByStd: { kind: "boolean", default: false, doc: "divide by the standard deviation (n − 1)" },
  epsilon: { kind: "number", default: 1e-6, min: 0, doc: "added to the standard deviation" },
  holes: {
    kind: "choice",
    choices: ["reset", "carry"],
    default: "reset",
    doc: "at a token with mask 0: the return starts anew, so that a turn never sees what comes after its tool (released), or passes by (own)",
  },
} as const;

const lanes = {
  likelihood: {
    level: "turn",
    doc: "probability of the answer after the turn, a geometric mean over its tokens",
  },
  gain: { level: "turn", doc: "reward of the turn: information gain, the outcome at the last one" },
  reward: { level: "token", doc: "reward at the token" },
  next: { level: "token", doc: "return that follows" },
  returns: { level: "token", doc: "return from the token on" },
  mean: { level: "token", doc: "mean return of the group" },
  std: { level: "token", doc: "standard deviation of the returns of the group" },
  turnMean: { level: "turn", doc: "mean reward of the group's turns" },
  turnStd: { level: "turn", doc: "standard deviation of the rewards of the group's turns" },
  later: { level: "turn", doc: "advantage of the next turn" },
} as const;

type Input = MethodInput<
  "mask",
  "tokenReward" | "reward" | "turn.gt_log_probs[]" | "trajectory.gt_log_probs[]"
>;
type Output = MethodOutput<keyof typeof lanes>;
interface Chosen {
  readonly form: "position" | "start" | "turns";
  readonly gains: "reward" | "likelihood";
  readonly gamma: number;
  readonly normalizeByStd: boolean;
  readonly epsilon: number;
  readonly holes: "reset" | "carry";
}

/**
 * IGPO: a turn earns what it adds to the policy's probability of the reference answer; the last turn earns the outcome.
 *
 * Wang et al. (arXiv:2510.14967); GuoqingWang1/IGPO `compute_grpo_outcome_advantage` (form position) and
 * `compute_grpo_discounted_advantage` (form start). Gains are differences of probabilities, not of their logarithms: they
 * vanish where the answer is improbable. A group of one: its own mean, deviation 1.
 */
export const igpo = creditMethod({
  id: "igpo",
  label: "IGPO",
  doc: "What each turn adds to the probability of the reference answer, summed from there on and compared with the group.",
  paper: "https://arxiv.org/abs/2510.14967",
  math: String.raw`r_k = \Phi_k - \Phi_{k-1}, \quad \Phi_k = \exp\Big(\tfrac{1}{L} \sum_l \log \pi(a_l \mid o_{\le k}, a_{<l})\Big), \quad G_t = r_t + \gamma G_{t+1}, \quad A_t = G_t - \operatorname{mean}_g G_t`,
  status: "code",
  level: "token",
  comparesGroup: true,
  needs: ["mask"],
  uses: ["tokenReward", "reward", "turn.gt_log_probs[]", "trajectory.gt_log_probs[]"],
  alsoNeeds: ({ gains }) =>
    gains === "reward" ? ["tokenReward"] : ["reward", "turn.gt_log_probs[]", "trajectory.gt_log_probs[]"],
  params,
  presets: {
    "released:igpo": {},
    "released:igpoDiscounted": { form: "start", gamma: 0.5, normalizeByStd: true },
    paper: { form: "turns", normalizeByStd: true },
  },
  lanes,
  run(batch, chosen, out) {
    if (batch.tokenReward !== null) {
      out.reward.set(batch.tokenReward);
      turnSums(batch, out.reward, out.gain);
    } else informationGains(batch, out);
    if (chosen.form === "turns") advantagesOfTurns(batch, chosen, out);
    else advantagesOfTokens(batch, chosen, out);
  },
  formula: ({ form, normalizeByStd }) =>
    form === "turns"
      ? [
          {
            left: "A",
            symbols: normalizeByStd ? "(r − mean) / (std + ε) + γA⁺" : "r − mean + γA⁺",
            numbers: normalizeByStd
              ? "({gain} − {turnMean}) / ({turnStd} + {epsilon}) + {gamma} · {later}"
              : "{gain} − {turnMean} + {gamma} · {later}",
            equals: "credit",
          },
        ]
      : [
          { left: "G", symbols: "r + γG⁺", numbers: "{reward} + {gamma} · {next}", equals: "returns" },
          {
            left: "A",
            symbols: normalizeByStd ? "(G − mean) / (std + ε)" : "G − mean",
            numbers: normalizeByStd ? "({returns} − {mean}) / ({std} + {epsilon})" : "{returns} − {mean}",
            equals: "credit",
          },
        ],
});

/** Gains from the likelihoods of the answer, at each turn's last trained token; the outcome at the last turn's. */
function informationGains(batch: Input, { likelihood, gain, reward }: Output): void {
  const { nRollouts, turns, turnFrom, turnTo, mask } = batch;
  const start = new Float64Array(nRollouts);
  listMeans(batch["trajectory.gt_log_probs[]"]!, start);
  listMeans(batch["turn.gt_log_probs[]"]!, likelihood);
  reward.fill(0);
  for (let r = 0; r < nRollouts; r++) {
    let before = Math.exp(start[r]!);
    for (let u = turns[r]!; u < turns[r + 1]!; u++) {
      likelihood[u] = Math.exp(likelihood[u]!);
      gain[u] = u + 1 < turns[r + 1]! ? likelihood[u]! - before : batch.reward![r]!;
      before = likelihood[u]!;
      const last = mask.subarray(turnFrom[u], turnTo[u]).lastIndexOf(1);
      if (last >= 0) reward[turnFrom[u]! + last] = gain[u]!;
    }
  }
}

/** The released forms: returns over the tokens, against the group's at the same position or at the first. */
function advantagesOfTokens(batch: Input, chosen: Chosen, out: Output): void {
  const { reward, next, returns, mean, std, credit } = out;
  discountedReturns(batch, reward, chosen, { returns, next });
  if (chosen.form === "position") positionMoments(batch, returns, { mean, std });
  else startMoments(batch, returns, { mean, std });
  for (let t = 0; t < credit.length; t++) {
    const above = returns[t]! - mean[t]!;
    credit[t] = (chosen.normalizeByStd ? above / (std[t]! + chosen.epsilon) : above) * batch.mask[t]!;
    returns[t]! *= batch.mask[t]!;
  }
}

/** Mean and deviation of the group's returns at the first position, at every token. */
function startMoments(
  batch: Input,
  returns: Float64Array,
  { mean, std }: { readonly mean: Float64Array; readonly std: Float64Array },
): void {
  const { nRollouts, positions } = batch;
  const start = Float64Array.from({ length: nRollouts }, (_, r) => returns[positions[r]!]!);
  const ofGroup = { mean: new Float64Array(nRollouts), variance: new Float64Array(nRollouts) };
  groupMean(batch, start, "zero", ofGroup.mean);
  groupVariance(batch, start, "raw", ofGroup.variance);
  for (let r = 0; r < nRollouts; r++) {
    mean.fill(ofGroup.mean[r]!, positions[r], positions[r + 1]);
    std.fill(Math.sqrt(ofGroup.variance[r]!), positions[r], positions[r + 1]);
  }
}

/** The paper's form: rewards of all turns of the group in standard deviations, then summed from each turn on. */
function advantagesOfTurns(batch: Input, chosen: Chosen, out: Output): void {
  const { nRollouts, nGroups, group, turns, turnFrom, turnTo, mask } = batch;
  const key = new Int32Array(out.gain.length);
  for (let r = 0; r < nRollouts; r++) key.fill(group[r]!, turns[r], turns[r + 1]);
  const moments = { mean: out.turnMean, variance: out.turnStd, size: new Float64Array(key.length) };
  keyedMoments({ key, nKeys: nGroups }, out.gain, "zero", moments);
  const own = out.gain.map((gain, u) => {
    out.turnStd[u] = Math.sqrt(out.turnStd[u]!);
    return (gain - out.turnMean[u]!) / (chosen.normalizeByStd ? out.turnStd[u]! + chosen.epsilon : 1);
  });
  const advantage = new Float64Array(own.length);
  suffixSums(turns, own, chosen.gamma, advantage);
  for (let r = 0; r < nRollouts; r++) {
    for (let u = turns[r]!; u < turns[r + 1]!; u++) {
      out.later[u] = u + 1 < turns[r + 1]! ? advantage[u + 1]! : 0;
      for (let t = turnFrom[u]!; t < turnTo[u]!; t++) out.credit[t] = advantage[u]! * mask[t]!;
    }
  }
}
