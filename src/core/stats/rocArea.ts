/**
 * Area under the ROC curve: the chance that a positive's score is above a negative's, ties half. Pairs with a NaN score
 * are left out; NaN without a positive or a negative.
 */
export function rocArea(scores: ArrayLike<number>, isPositive: ArrayLike<boolean>): number {
  const known = Array.from(scores, (score, i) => ({ score, isPositive: isPositive[i]! }))
    .filter(({ score }) => !Number.isNaN(score))
    .toSorted((a, b) => a.score - b.score);
  let [below, won, positives] = [0, 0, 0];
  for (let from = 0, to = 0; from < known.length; from = to) {
    let tied = 0;
    while (to < known.length && known[to]!.score === known[from]!.score) if (known[to++]!.isPositive) tied++;
    const negatives = to - from - tied;
    won += tied * (below + negatives / 2);
    below += negatives;
    positives += tied;
  }
  return won / (positives * below);
}
