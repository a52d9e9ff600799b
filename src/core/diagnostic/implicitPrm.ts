/** A response's score by an implicit reward model, and how right it was: in [0, 1], or above and at most 0. */
export interface ScoredOutcome {
  /** Sum of its log-ratios, or of its token rewards. */
  readonly score: number;
  readonly outcome: number;
}

/**
 * Share of a group's pairs that the scores order as the outcomes do, weighed by the difference of outcomes; 0.5 where all
 * outcomes are equal, NaN for a group of one (an error there). Equal scores count as ordered the other way round.
 *
 * PRIME, `compute_dpo_accuracy`.
 */
export function pairAccuracy(group: readonly ScoredOutcome[]): number {
  if (group.length < 2) return NaN;
  let agreed = 0;
  let total = 0;
  group.forEach((a, i) => {
    for (const b of group.slice(i + 1)) {
      const contrast = Math.abs(a.outcome - b.outcome);
      total += contrast;
      if (a.score - b.score > 0 === a.outcome - b.outcome > 0) agreed += contrast;
    }
  });
  return total === 0 ? 0.5 : agreed / total;
}

/** Share of the responses whose score has the sign of 2 · outcome − 1. iStar, `compute_dpo_abs_accuracy`. */
export function signAccuracy(responses: readonly ScoredOutcome[]): number {
  const agreed = responses.filter(({ score, outcome }) => Math.sign(score) === Math.sign(outcome * 2 - 1));
  return agreed.length / responses.length;
}

/** Logarithms are bounded from below, as the reference's cross entropy bounds them. */
const leastLog = -100;

/**
 * Mean cross entropy of σ(β · score) against the outcome, the loss an implicit reward model is trained with. PRIME,
 * `compute_ce_dpo_loss_rm`: of the probability as a number, which is 1 from β · score ≈ 37 on. A failure scored so high
 * costs 100 there, not its score.
 * @throws RangeError for an outcome outside [0, 1]
 */
export function crossEntropy(responses: readonly ScoredOutcome[], beta: number): number {
  let sum = 0;
  for (const { score, outcome } of responses) {
    if (outcome < 0 || outcome > 1)
      throw new RangeError(`cross entropy needs outcomes in [0, 1], not ${outcome}`);
    const probability = 1 / (1 + Math.exp(-beta * score));
    const yes = Math.max(leastLog, Math.log(probability));
    const no = Math.max(leastLog, Math.log1p(-probability));
    sum -= outcome * yes + (1 - outcome) * no;
  }
  return sum / responses.length;
}

/** Trajectory preferences of a batch: how many pairs, and their mean loss. */
export interface PreferenceLoss {
  readonly pairs: number;
  /** 0 without a pair. */
  readonly loss: number;
}

/**
 * Mean of −log σ(score⁺ − score⁻) over all pairs of a success (outcome above 0) and a failure of one group. iStar,
 * `compute_eto_loss_rm`; scores there are means over the turns of β times their log-ratios.
 */
export function preferenceLoss(groups: readonly (readonly ScoredOutcome[])[]): PreferenceLoss {
  let pairs = 0;
  let sum = 0;
  for (const group of groups) {
    const successes = group.filter(({ outcome }) => outcome > 0);
    const failures = group.filter(({ outcome }) => outcome <= 0);
    for (const better of successes) {
      for (const worse of failures) {
        sum -= logSigmoid(better.score - worse.score);
        pairs++;
      }
    }
  }
  return { pairs, loss: pairs === 0 ? 0 : sum / pairs };
}

function logSigmoid(x: number): number {
  return x < 0 ? x - Math.log1p(Math.exp(x)) : -Math.log1p(Math.exp(-x));
}
