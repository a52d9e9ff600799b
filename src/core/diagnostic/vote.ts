/** An extracted answer; null = none was found. */
export type Answer = string | null;

/** Answers as raw strings count; blanks do not. Ties go to the answer seen first. Section 15.3. */
export function countAnswers(answers: readonly Answer[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const answer of answers) {
    if (answer === null || answer.trim() === "") continue;
    counts.set(answer, (counts.get(answer) ?? 0) + 1);
  }
  return counts;
}

/** The answer with the largest weight, the first of equals; null of none. */
export function winner(weights: ReadonlyMap<string, number>): Answer {
  let best: Answer = null;
  let most = -Infinity;
  for (const [answer, weight] of weights) {
    if (weight > most) [best, most] = [answer, weight];
  }
  return best;
}

/** Plurality over extracted answers; null where none has words. */
export function majorityVote(answers: readonly Answer[]): Answer {
  return winner(countAnswers(answers));
}

/** 1 where an answer equals the label, else 0; without a label always 0. */
export function voteReward(answer: Answer, label: Answer): number {
  return label !== null && answer === label ? 1 : 0;
}

/** Frequency of a model's own most frequent answer among all its answers, blanks included; NaN of none. */
export function selfConsistency(answers: readonly Answer[]): number {
  return answers.length === 0 ? NaN : Math.max(0, ...countAnswers(answers).values()) / answers.length;
}

/**
 * Weight of each answer over several models (RLCCF): Σ self-consistency · count.
 * @param answers answers of each model
 */
export function collectiveWeights(answers: readonly (readonly Answer[])[]): Map<string, number> {
  const weights = new Map<string, number>();
  for (const own of answers) {
    const consistency = selfConsistency(own);
    for (const [answer, count] of countAnswers(own)) {
      weights.set(answer, (weights.get(answer) ?? 0) + consistency * count);
    }
  }
  return weights;
}

/** How sure a vote is. */
export interface VoteCertainty {
  /** Share of all answers that equal the label. */
  readonly agreement: number;
  /** Entropy of the answers in nats; blanks left out. */
  readonly entropy: number;
  /** Share of the first minus share of the second, of the weights. */
  readonly margin: number;
}

export function certaintyOf(
  answers: readonly Answer[],
  weights: ReadonlyMap<string, number>,
  label: Answer,
): VoteCertainty {
  const counts = [...countAnswers(answers).values()];
  const voted = counts.reduce((a, b) => a + b, 0);
  const [first = NaN, second = 0] = [...weights.values()].toSorted((a, b) => b - a);
  const total = [...weights.values()].reduce((a, b) => a + b, 0);
  return {
    agreement:
      answers.length === 0
        ? NaN
        : answers.filter((one) => voteReward(one, label) === 1).length / answers.length,
    entropy: voted === 0 ? NaN : 0 - counts.reduce((sum, n) => sum + (n / voted) * Math.log(n / voted), 0),
    margin: (first - second) / total,
  };
}

/** Co-Reward: the label of each version of a question is the vote of the other one's answers; with three or more, of all others. */
export function crossLabels(versions: readonly (readonly Answer[])[]): readonly Answer[] {
  return versions.map((_, i) => majorityVote(versions.filter((__, j) => j !== i).flat()));
}
