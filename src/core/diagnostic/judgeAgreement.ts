/** Counts of pairs of yes and no: what was judged, and what is so by a person. */
export interface Agreement {
  readonly both: number;
  readonly judgeOnly: number;
  readonly humanOnly: number;
  readonly neither: number;
}

/** Pairs where both are known; a number above ½ is yes. */
export function agreementOf(judge: readonly number[], human: readonly number[]): Agreement {
  const counts = { both: 0, judgeOnly: 0, humanOnly: 0, neither: 0 };
  judge.forEach((own, i) => {
    const other = human[i]!;
    if (Number.isNaN(own) || Number.isNaN(other)) return;
    const [yes, isSo] = [own > 0.5, other > 0.5];
    counts[yes ? (isSo ? "both" : "judgeOnly") : isSo ? "humanOnly" : "neither"]++;
  });
  return counts;
}

/** Accuracy, precision, recall, F1, and Cohen's κ (agreement beyond chance); NaN where nothing can be said. */
export function agreementScores({ both, judgeOnly, humanOnly, neither }: Agreement): {
  readonly accuracy: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly kappa: number;
} {
  const n = both + judgeOnly + humanOnly + neither;
  const accuracy = (both + neither) / n;
  const [judged, actual] = [(both + judgeOnly) / n, (both + humanOnly) / n];
  const chance = judged * actual + (1 - judged) * (1 - actual);
  return {
    accuracy,
    precision: both / (both + judgeOnly),
    recall: both / (both + humanOnly),
    f1: (2 * both) / (2 * both + judgeOnly + humanOnly),
    kappa: (accuracy - chance) / (1 - chance),
  };
}
