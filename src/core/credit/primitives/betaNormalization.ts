import { logGamma } from "../../stats/logGamma.ts";
import { appliedStatistics, type Groups } from "./appliedStatistics.ts";

export interface BetaRules {
  /** A prompt with one rollout: mean 0 (the release), or its own reward. */
  readonly singleton: "raw" | "zero";
  /** All prompts have the same mean: no fit (the release), or a uniform density. */
  readonly zeroVariance: "nan" | "one";
  /** 0 · log 0: 0 (torch 2), or NaN (torch 1.13). */
  readonly zeroPower: "zero" | "nan";
}

export interface BetaNormalized {
  /** Mean of each rollout's prompt. */
  readonly mean: Float64Array;
  /** ω of each rollout's prompt. */
  readonly weight: Float64Array;
  readonly alpha: number;
  readonly beta: number;
}

/** Weights are cut off here by the release. */
const mostWeight = 1e6;

/**
 * BNPO's statistics of rewards in [0, 1]: a Beta density is fitted to the prompts' means by their mean and unbiased
 * variance, both its parameters at least 1; a prompt weighs the inverse of the density at its mean. Rewards that do not
 * apply (NaN) are not counted.
 */
export function betaNormalize(groups: Groups, x: Float64Array, rules: BetaRules): BetaNormalized {
  const { mean } = appliedStatistics(groups, x, rules.singleton);
  const ofGroup = new Float64Array(groups.nGroups).fill(NaN);
  groups.group.forEach((g, r) => (ofGroup[g] = mean[r]!));
  const { alpha, beta } = fitBeta(
    ofGroup.filter((p) => !Number.isNaN(p)),
    rules.zeroVariance,
  );
  const weights = ofGroup.map((p) => {
    const density = Math.exp(logBetaDensity(p, alpha, beta, rules.zeroPower));
    return Math.min(Math.max(1 / density, 0), mostWeight);
  });
  return { mean, weight: Float64Array.from(groups.group, (g) => weights[g]!), alpha, beta };
}

/** α = max(1, 1 + a/3), β = max(1, 1 + b/3) with a and b by moments; 1 and 1 for a single prompt. */
export function fitBeta(
  means: Float64Array,
  zeroVariance: "nan" | "one",
): { readonly alpha: number; readonly beta: number } {
  const n = means.length;
  if (n < 2) return { alpha: 1, beta: 1 };
  const center = means.reduce((sum, p) => sum + p, 0) / n;
  // Equal means whose sum is rounded are a little off their own mean.
  const isEqual = means.every((p) => p === means[0]);
  const spread = means.reduce((sum, p) => sum + (p - center) ** 2, 0) / (n - 1);
  if (isEqual || spread === 0)
    return zeroVariance === "one" ? { alpha: 1, beta: 1 } : { alpha: NaN, beta: NaN };
  const size = (center * (1 - center)) / spread - 1;
  return { alpha: Math.max(1, 1 + (size * center) / 3), beta: Math.max(1, 1 + (size * (1 - center)) / 3) };
}

/** Logarithm of the Beta density at p; NaN outside [0, 1]. */
export function logBetaDensity(p: number, alpha: number, beta: number, zeroPower: "zero" | "nan"): number {
  if (!(p >= 0 && p <= 1)) return NaN;
  const times = (power: number, x: number): number =>
    power === 0 && zeroPower === "zero" ? 0 : power * Math.log(x);
  const logBeta = logGamma(alpha) + logGamma(beta) - logGamma(alpha + beta);
  return times(alpha - 1, p) + times(beta - 1, 1 - p) - logBeta;
}
