/** A row's positions `[from, to)`, its mask and the rules of MA-RLHF over them. */
export interface MacroRow {
  readonly from: number;
  readonly to: number;
  readonly mask: ArrayLike<number>;
}

/** What a macro action is worth: the mean of its trained tokens, weights 1 / (i + 1), or its last trained token alone. */
export type MacroWeights = "equal" | "position" | "last";

/**
 * First positions of macro actions of `n` trained tokens each, the last of them the row's last position alone. Where one
 * would begin there anyway, the release puts an empty one before it (its beginning is listed twice).
 * MA-RLHF `fixed_ngram_selection`; a row of no position has none.
 */
export function ngramBoundaries({ from, to, mask }: MacroRow, n: number): readonly number[] {
  if (to === from) return [];
  const boundaries = [from];
  let count = 0;
  for (let t = from; t < to - 1; t++) {
    count += mask[t]!;
    if (count !== n) continue;
    boundaries.push(t + 1);
    count = 0;
  }
  return [...boundaries, to - 1];
}

/**
 * Macro actions that begin at the token before one of higher perplexity, exp(−log π) under the reference model; the last
 * one is the row's last position alone. MA-RLHF `ppl_selection`; masked positions count like any.
 */
export function perplexityBoundaries({ from, to }: MacroRow, logprob: Float64Array): readonly number[] {
  if (to === from) return [];
  const boundaries: number[] = [];
  for (let t = from; t < to - 1; t++) if (logprob[t + 1]! < logprob[t]!) boundaries.push(t);
  if (boundaries[0] !== from) boundaries.unshift(from);
  return [...boundaries, to - 1];
}

/** Macro actions that end where the log's segments do; the last one is the row's last position alone. */
export function segmentBoundaries({ from, to }: MacroRow, ends: Iterable<number>): readonly number[] {
  if (to === from) return [];
  const starts = new Set([from, to - 1]);
  for (const end of ends) if (end >= from && end + 1 < to) starts.add(end + 1);
  return [...starts].toSorted((a, b) => a - b);
}

/** The boundaries without the empty macro action before the last one. */
export function withoutEmpty(boundaries: readonly number[]): readonly number[] {
  return boundaries.filter((start, i) => start !== boundaries[i + 1]);
}

/** Weighted sum of `x` over the trained tokens of each macro action; 0 where it has none. `modeling_macro_action`. */
export function macroSums(
  { to, mask }: MacroRow,
  boundaries: readonly number[],
  x: ArrayLike<number>,
  weights: MacroWeights,
): Float64Array {
  return Float64Array.from(boundaries, (start, k) => {
    const own: number[] = [];
    for (let t = start; t < (boundaries[k + 1] ?? to); t++) if (mask[t] === 1) own.push(x[t]!);
    if (own.length === 0) return 0;
    if (weights === "last") return own.at(-1)!;
    const weight = own.map((_, i) => (weights === "position" ? 1 / (i + 1) : 1));
    const total = weight.reduce((a, b) => a + b);
    return own.reduce((sum, value, i) => sum + (value * weight[i]!) / total, 0);
  });
}

export interface MacroAdvantages {
  readonly nextValue: Float64Array;
  readonly nextAdvantage: Float64Array;
  readonly advantage: Float64Array;
}

/** GAE over macro actions, an empty one a step of reward and value 0. `get_advantages_and_returns`. */
export function macroGae(
  reward: Float64Array,
  value: Float64Array,
  { gamma, lambda }: { readonly gamma: number; readonly lambda: number },
): MacroAdvantages {
  const [nextValue, nextAdvantage] = [new Float64Array(reward.length), new Float64Array(reward.length)];
  const advantage = new Float64Array(reward.length);
  for (let k = reward.length - 1; k >= 0; k--) {
    nextValue[k] = value[k + 1] ?? 0;
    nextAdvantage[k] = advantage[k + 1] ?? 0;
    advantage[k] = reward[k]! + gamma * nextValue[k]! - value[k]! + gamma * lambda * nextAdvantage[k]!;
  }
  return { nextValue, nextAdvantage, advantage };
}

/**
 * Position the released code writes the score at: one behind as many as there are trained tokens, at most the row's last.
 * In a padded row that is a masked one, and the score is lost. `compute_rewards`.
 */
export function releasedScorePosition({ from, to, mask }: MacroRow): number {
  let trained = 0;
  for (let t = from; t < to; t++) trained += mask[t]!;
  return Math.min(from + trained, to - 1);
}
