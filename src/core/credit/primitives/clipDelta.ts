/** min(p − η, 0): a step's score counts only where it falls below the threshold. NaN stays NaN. */
export function clipScores(score: Float64Array, threshold: number, out: Float64Array): void {
  for (let k = 0; k < score.length; k++) out[k] = Math.min(score[k]! - threshold, 0);
}

/**
 * Differences of neighbours within each row of `offsets`: p_k − p_{k+1}, the last but one its own score, the last 0. Their
 * sum from a step on is the step's own score, but at the last step.
 */
export function deltaScores(offsets: Int32Array, score: Float64Array, out: Float64Array): void {
  for (let r = 0; r + 1 < offsets.length; r++) {
    const last = offsets[r + 1]! - 1;
    for (let k = offsets[r]!; k <= last; k++)
      out[k] = k === last ? 0 : k === last - 1 ? score[k]! : score[k]! - score[k + 1]!;
  }
}

/** Mean of all scores; NaN of none. */
export function meanOfSteps(score: Float64Array): number {
  let sum = 0;
  for (const p of score) sum += p;
  return sum / score.length;
}
