import { weightedCorrelation } from "../stats/weightedCorrelation.ts";
import { canonical, type CanonicalForm, type Dynamics, type RewardTable } from "./rewardTable.ts";

export const normNames = ["1", "2", "inf", "weighted_1", "weighted_2", "weighted_inf"] as const;
export type NormName = (typeof normNames)[number];

/** Norm of a table's numbers; the weighted ones multiply |x|ᵖ (∞: |x|) by the transition. Section 16. */
export function normOf(values: Float64Array, norm: NormName, transition: Float64Array): number {
  const weight = norm.startsWith("weighted_") ? transition : null;
  const order = norm.replace("weighted_", "");
  const size = (i: number): number => Math.abs(values[i]!);
  if (order === "inf") {
    return values.reduce((most, _, i) => Math.max(most, size(i) * (weight?.[i] ?? 1)), 0);
  }
  const p = Number(order);
  const sum = values.reduce((total, _, i) => total + size(i) ** p * (weight?.[i] ?? 1), 0);
  return p === 1 ? sum : sum ** (1 / p);
}

export interface StarcSettings {
  readonly form: CanonicalForm;
  /** Norm that a canonical reward is divided by, and that of the difference. */
  readonly norm: NormName;
  readonly distance: NormName;
  /** A canonical reward of norm 0 stays 0; `nan`: it is divided all the same, as the release's DARD does. */
  readonly zero: "keep" | "nan";
}

/** STARC distance of two rewards: 0 = the same orders of policies, 2 = opposite (for equal norms). */
export function starcDistance(
  first: RewardTable,
  second: RewardTable,
  dynamics: Dynamics,
  settings: StarcSettings,
): number {
  const { form, norm, distance, zero } = settings;
  const { transition } = dynamics;
  const unit = (reward: RewardTable): Float64Array => {
    const { values } = canonical(reward, form, dynamics);
    const size = normOf(values, norm, transition);
    return size === 0 && zero === "keep" ? values : values.map((x) => x / size);
  };
  const b = unit(second);
  const difference = unit(first).map((x, i) => x - b[i]!);
  return normOf(difference, distance, transition);
}

/** √((1 − ρ) / 2), ρ the weighted correlation: 0 equal up to scale and constant, 1 opposite. NaN where one is constant. */
export function pearsonDistance(a: Float64Array, b: Float64Array, weights: Float64Array): number {
  return Math.sqrt((1 - Math.min(weightedCorrelation(a, b, weights), 1)) / 2);
}

/** (Σ w·|x|ᵖ)^(1/p), weights adding up to 1. */
export function meanNorm(values: Float64Array, p: number, weights: Float64Array): number {
  return values.reduce((sum, x, i) => sum + Math.abs(x) ** p * weights[i]!, 0) ** (1 / p);
}

/** Lᵖ norm of the plain difference. */
export function directDistance(a: Float64Array, b: Float64Array, p: number, weights: Float64Array): number {
  return meanNorm(
    a.map((x, i) => x - b[i]!),
    p,
    weights,
  );
}

/** Norms below this count as 0. */
const smallestScale = 1e-10;

/** Half the Lᵖ norm of the difference of two canonical rewards, each scaled to norm 1 (EPIC's direct form). */
export function canonicalDistance(
  first: RewardTable,
  second: RewardTable,
  discount: number,
  { form, p }: { readonly form: "EPIC" | "Greedy"; readonly p: number },
): number {
  const weights = evenWeights(first);
  const dynamics: Dynamics = { transition: new Float64Array(0), discount };
  const unit = (reward: RewardTable): Float64Array => {
    const { values } = canonical(reward, form, dynamics);
    const size = meanNorm(values, p, weights);
    return values.map((x) => (size < smallestScale ? 0 : x / size));
  };
  return 0.5 * directDistance(unit(first), unit(second), p, weights);
}

/** EPIC: the Pearson distance of canonical rewards. */
export function epicDistance(
  first: RewardTable,
  second: RewardTable,
  discount: number,
  weights: Float64Array = evenWeights(first),
): number {
  const dynamics: Dynamics = { transition: new Float64Array(0), discount };
  return pearsonDistance(
    canonical(first, "EPIC", dynamics).values,
    canonical(second, "EPIC", dynamics).values,
    weights,
  );
}

/** The uniform distribution over a table's entries. */
export function evenWeights({ values }: RewardTable): Float64Array {
  return new Float64Array(values.length).fill(1 / values.length);
}
