import { quantile } from "../stats/quantile.ts";

/** Distances of each step of an agent (rows) to each step of a demonstration (columns). */
export type CostMatrix = readonly (readonly number[])[];

export interface ScheduleOptions {
  /** Longest progress: steps of an episode. */
  readonly horizon: number;
  /** Weight that the discount leaves at the step of the progress: γ = α^(1 / p). */
  readonly alpha: number;
  /** Part of the reference that has to be matched. */
  readonly threshold: number;
  /** Progress at the start, as a part of the horizon. */
  readonly progressStart: number;
  /** Most steps that an update adds. */
  readonly maxProgressDelta: number;
  /** Percentile of the match scores over the demonstrations. */
  readonly agentScorePercentile: number;
}

export interface ScheduleUpdate {
  readonly progress: number;
  readonly discount: number;
  /** Match score of the last comparison, and what it was compared with. */
  readonly match_score: number;
  readonly ref_score: number;
}

/** Length of the longest strictly increasing subsequence, numbers that are none left out; at least 1, as the official code has it. */
export function longestIncreasing(sequence: readonly number[]): number {
  /** Least last number of an increasing subsequence of each length. */
  const lasts: number[] = [];
  for (const x of sequence) {
    if (Number.isNaN(x)) continue;
    const at = lasts.findIndex((last) => last >= x);
    lasts[at < 0 ? lasts.length : at] = x;
  }
  return Math.max(1, lasts.length);
}

/** How well the first `progress` steps follow the demonstration's: indices of their nearest steps, in rising order. */
export function matchScore(cost: CostMatrix, progress: number): number {
  const nearest = cost.slice(0, progress).map((row) => {
    let best = 0;
    for (let k = 1; k < Math.min(progress, row.length); k++) if (row[k]! < row[best]!) best = k;
    return best;
  });
  return longestIncreasing(nearest);
}

/** The same of logged indices of the nearest steps: one that lies beyond the progress matches nothing (own). */
export function alignmentScore(nearest: readonly number[], progress: number): number {
  return longestIncreasing(nearest.slice(0, progress).filter((step) => step < progress));
}

/** Progress before the first update. */
export function startProgress({ progressStart, horizon }: ScheduleOptions): number {
  return Math.trunc(progressStart * horizon);
}

/** The discount that leaves weight α at the step of the progress; NaN without progress. */
export function discountAt(progress: number, alpha: number): number {
  return progress < 1 ? NaN : Math.exp(Math.log(alpha) / progress);
}

/**
 * One update of automatic discount scheduling: the progress grows a step at a time while the agent's match score reaches the
 * integer part of the threshold times the reference.
 * dwjshift/IL_ADS `AutomaticDiscountScheduling.update` (arXiv:2310.07433).
 * @param scores match score of each demonstration at a progress
 * @param reference score at each progress, 1 first
 */
export function updateSchedule(
  progress: number,
  scores: (progress: number) => Float64Array,
  reference: readonly number[],
  options: ScheduleOptions,
): ScheduleUpdate {
  let reached = progress;
  let match = NaN;
  let wanted = NaN;
  for (let i = 0; i < options.maxProgressDelta; i++) {
    match = quantile(scores(reached), options.agentScorePercentile / 100);
    wanted = reference[reached - 1] ?? NaN;
    if (reached >= options.horizon) break;
    if (match >= Math.trunc(options.threshold * wanted)) reached++;
  }
  return {
    progress: reached,
    discount: discountAt(reached, options.alpha),
    match_score: match,
    ref_score: wanted,
  };
}
