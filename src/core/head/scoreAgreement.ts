import { spearman } from "../stats/correlation.ts";
import { quantile } from "../stats/quantile.ts";

/**
 * When the scores of another graph are as good as the exact one's: where at most `crossed` of the numbers fall on the other
 * side of the boundary, and the mean difference is at most `difference` of the numbers' standard deviation. The two fit
 * each other: of normally distributed numbers that are shifted by a mean of d standard deviations, d / √(2π) cross the
 * median, 0.8 % where d is 2 %. Of fewer numbers than `fewest` a single one would be more than a percent.
 */
export const agreementLimits = { crossed: 0.01, difference: 0.02, fewest: 100 } as const;

/** How far the numbers of another graph are from those of the exact one at the same places. */
export interface ScoreAgreement {
  /** Places where both have a finite number. */
  readonly compared: number;
  /** Places where one of the two alone has a finite number. */
  readonly onlyExact: number;
  readonly onlyOther: number;
  /** Of absolute differences; NaN of none. */
  readonly meanDifference: number;
  readonly largestDifference: number;
  /** Standard deviation (over n) of the exact numbers; NaN of none. */
  readonly spread: number;
  /** What parts low numbers from high ones, and where it comes from; a number that equals it is high. */
  readonly boundary: number;
  readonly boundaryFrom: "threshold" | "median";
  /** Of `compared`: on the other side of the boundary. */
  readonly crossed: number;
  /** Spearman's, ties at their mean rank; NaN where one side does not vary. */
  readonly rankCorrelation: number;
}

/** Whether another graph's scores are as good, and why; null = that cannot be told. */
export interface AgreementVerdict {
  readonly holds: boolean | null;
  readonly reason: string;
}

/**
 * Compares numbers at equal places. What is not finite is no number: it is counted, never taken for 0.
 * @param threshold of the model; NaN = the median of the exact numbers that are compared
 */
export function scoreAgreement(exact: Float64Array, other: Float64Array, threshold: number): ScoreAgreement {
  const has = (x: number | undefined): boolean => Number.isFinite(x);
  const both = exact.map((_, i) => i).filter((i) => has(exact[i]) && has(other[i]));
  const [a, b] = [both.map((i) => exact[i]!), both.map((i) => other[i]!)];
  const n = a.length;
  const differences = a.map((x, i) => Math.abs(x - b[i]!));
  const isGiven = !Number.isNaN(threshold);
  const boundary = isGiven ? threshold : quantile(a.slice(), 0.5);
  return {
    compared: n,
    onlyExact: exact.filter(has).length - n,
    onlyOther: other.filter(has).length - n,
    meanDifference: meanOf(differences),
    largestDifference: differences.reduce((most, x) => Math.max(most, x), n === 0 ? NaN : 0),
    spread: spreadOf(a),
    boundary,
    boundaryFrom: isGiven ? "threshold" : "median",
    crossed: a.filter((x, i) => x < boundary !== b[i]! < boundary).length,
    rankCorrelation: spearman(a, b),
  };
}

/** Holds the numbers against `agreementLimits`. A number that one side lacks counts as one on the other side. */
export function verdictOf(agreement: ScoreAgreement): AgreementVerdict {
  const { compared, onlyExact, onlyOther, crossed, meanDifference, spread } = agreement;
  const lacking = onlyExact + onlyOther;
  const all = compared + lacking;
  if (all < agreementLimits.fewest)
    return { holds: null, reason: `${all} numbers are fewer than ${agreementLimits.fewest}` };
  const share = (crossed + lacking) / all;
  if (share > agreementLimits.crossed)
    return {
      holds: false,
      reason: `${percent(share)} on the other side, more than ${percent(agreementLimits.crossed)}`,
    };
  if (!(spread > 0)) return { holds: null, reason: "the exact numbers do not vary" };
  const distance = meanDifference / spread;
  if (distance > agreementLimits.difference)
    return {
      holds: false,
      reason: `mean difference ${percent(distance)} of the spread, more than ${percent(agreementLimits.difference)}`,
    };
  return {
    holds: true,
    reason: `${percent(share)} on the other side, mean difference ${percent(distance)} of the spread`,
  };
}

/** Two digits, so that what is above a limit does not look like the limit. */
function percent(share: number): string {
  const text = (100 * share).toPrecision(2);
  return `${share >= 0.995 ? Math.round(100 * share) : Number(text)} %`;
}

/** NaN of none. */
function meanOf(values: Float64Array): number {
  return values.reduce((sum, x) => sum + x / values.length, values.length === 0 ? NaN : 0);
}

/** Around the first number, so that equal numbers have no spread at all. */
function spreadOf(values: Float64Array): number {
  const from = values.map((x) => x - values[0]!);
  const mean = meanOf(from);
  return Math.sqrt(meanOf(from.map((x) => (x - mean) ** 2)));
}
