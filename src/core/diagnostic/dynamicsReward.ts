/** Bounds of one discriminator's logits: its mean on the model's transitions and on the real ones. */
export interface LogitBounds {
  readonly learner: number;
  readonly expert: number;
}

export interface DynamicsTerms {
  /** Bounds by discriminator; the last ones hold for all further ones. */
  readonly bounds: readonly LogitBounds[];
  /** Half of the range that clamped logits are stretched to. */
  readonly range: number;
  /** Probabilities are cut here before they are averaged. */
  readonly clip: number;
}

/** Probability that a transition is real: σ of the clamped logit stretched from −range to range. */
export function transitionProbability(
  logit: number,
  { learner, expert }: LogitBounds,
  range: number,
): number {
  const clamped = Math.min(Math.max(logit, learner), expert);
  const scaled = ((clamped - learner) / (expert - learner + 1e-7)) * 2 * range - range;
  return 1 / (1 + Math.exp(-scaled));
}

/**
 * MOREC's dynamics reward of a transition: −log(1 − mean of the probabilities cut at `clip` + 1e-9); of a single discriminator
 * its probability is not cut. Low = the step is implausible. NaN of no discriminators.
 */
export function dynamicsRewardOf(logits: readonly number[], { bounds, range, clip }: DynamicsTerms): number {
  if (logits.length === 0) return NaN;
  const probabilities = logits.map((logit, d) =>
    transitionProbability(logit, bounds[Math.min(d, bounds.length - 1)]!, range),
  );
  if (probabilities.length === 1) return -Math.log(1 - probabilities[0]! + 1e-9);
  const mean = probabilities.reduce((sum, p) => sum + Math.min(p, clip), 0) / probabilities.length;
  return -Math.log(1 - mean + 1e-9);
}
