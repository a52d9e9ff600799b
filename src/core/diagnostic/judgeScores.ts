/** A judged response: what a reward model gave it, and whether a rule that can be trusted found it right. */
export interface Judged {
  readonly id: string;
  readonly score: number;
  readonly isRight: boolean;
}

export interface JudgeQuality {
  /** Share of the accepted that are right; NaN where none is accepted. */
  readonly precision: number;
  /** Share of the right that are accepted; NaN where none is right. */
  readonly recall: number;
  /** Mean score of the right minus that of the wrong; NaN where there are none of either. */
  readonly margin: number;
}

/** How well a reward model that accepts scores from a threshold on agrees with rules. */
export function judgeQuality(judged: readonly Judged[], threshold: number): JudgeQuality {
  let [accepted, right, both] = [0, 0, 0];
  let [rightSum, wrongSum] = [0, 0];
  for (const { score, isRight } of judged) {
    const isAccepted = score >= threshold;
    if (isAccepted) accepted++;
    if (isRight) right++;
    if (isAccepted && isRight) both++;
    if (isRight) rightSum += score;
    else wrongSum += score;
  }
  return {
    precision: both / accepted,
    recall: both / right,
    margin: rightSum / right - wrongSum / (judged.length - right),
  };
}

/** Largest distance of the distribution functions of two samples (Kolmogorov–Smirnov), from 0 to 1; NaN of an empty one. */
export function distributionShift(before: readonly number[], after: readonly number[]): number {
  if (before.length === 0 || after.length === 0) return NaN;
  const [a, b] = [before.toSorted((x, y) => x - y), after.toSorted((x, y) => x - y)];
  let [i, j, most] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const at = Math.min(a[i]!, b[j]!);
    while (i < a.length && a[i]! <= at) i++;
    while (j < b.length && b[j]! <= at) j++;
    most = Math.max(most, Math.abs(i / a.length - j / b.length));
  }
  return most;
}

export interface CloseCall {
  readonly right: string;
  readonly wrong: string;
  /** Score of the right response minus that of the wrong one. */
  readonly margin: number;
}

/** Pairs of one group, a right and a wrong response, that the reward model hardly tells apart; the worst first. */
export function closeCalls(group: readonly Judged[], margin: number): readonly CloseCall[] {
  const wrong = group.filter(({ isRight }) => !isRight);
  return group
    .filter(({ isRight }) => isRight)
    .flatMap((one) =>
      wrong.map((other) => ({ right: one.id, wrong: other.id, margin: one.score - other.score })),
    )
    .filter((pair) => pair.margin <= margin)
    .toSorted((a, b) => a.margin - b.margin);
}
