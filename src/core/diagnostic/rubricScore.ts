/** A point of information that an answer should hold, and whether a judge found it: from 0 to 1. */
export interface Nugget {
  readonly weight: number;
  readonly hit: number;
}

/** Weighted recall: Σ w·hit / Σ w. NaN without nuggets, or where one was not judged. */
export function nuggetRecall(nuggets: readonly Nugget[]): number {
  let [found, total] = [0, 0];
  for (const { weight, hit } of nuggets) {
    found += weight * hit;
    total += weight;
  }
  return found / total;
}

/** Part of the claims of an answer that a judge found supported; NaN without claims. */
export function claimPrecision(supported: readonly number[]): number {
  return supported.reduce((sum, x) => sum + x, 0) / supported.length;
}

/** 2PR / (P + R); 0 where both are 0. */
export function harmonicMean(precision: number, recall: number): number {
  return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
}
