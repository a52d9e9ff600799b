import { spearman } from "../stats/correlation.ts";
import { ridge } from "../stats/ridge.ts";
import { matrixOf } from "../stats/singularValues.ts";

export interface Alignment {
  /** Regression coefficient of each component, in units of the primary return per unit of the component. */
  readonly coefficients: readonly number[];
  /** Weights under which the components' sum ranks rollouts most like the primary return, the largest being ±1. */
  readonly weights: readonly number[];
  /** Rank correlation with the primary return under these weights, and with all weights 1. */
  readonly correlation: number;
  readonly before: number;
}

/** Factors that a weight is tried with in turn: a search over directions needs no finer ones. */
const factors = [-1, 0, 0.25, 0.5, 0.8, 1.25, 2, 4];
const rounds = 20;

/**
 * Regresses the primary return on the sums of auxiliary components, and looks for weights that rank rollouts as it does.
 * Components are centred and scaled for the fit; one that does not vary has the coefficient 0.
 * @param rows a list of components a rollout, all of one length
 */
export function alignmentOf(rows: readonly (readonly number[])[], primary: readonly number[]): Alignment {
  const k = rows[0]?.length ?? 0;
  const columns = Array.from({ length: k }, (_, c) => rows.map((row) => row[c]!));
  const scaled = columns.map(standardise);
  const target = standardise(primary);
  const beta = ridge(
    matrixOf(rows.map((_, r) => scaled.map(({ values }) => values[r]!))),
    Float64Array.from(target.values),
    1e-9 * rows.length,
  );
  const coefficients = scaled.map(({ scale }, c) => (scale === 0 ? 0 : (beta[c]! * target.scale) / scale));
  const rank = (weights: readonly number[]): number =>
    spearman(
      rows.map((row) => row.reduce((sum, x, c) => sum + weights[c]! * x, 0)),
      primary,
    );
  const weights = climb(coefficients, rank);
  return { coefficients, weights, correlation: rank(weights), before: rank(columns.map(() => 1)) };
}

/** Coordinate ascent; a step is taken only where the correlation gets better. */
function climb(from: readonly number[], rank: (weights: readonly number[]) => number): readonly number[] {
  let weights = [...from];
  let best = rank(weights);
  for (let round = 0; round < rounds; round++) {
    const before = best;
    for (let c = 0; c < weights.length; c++)
      for (const factor of factors) {
        const tried = weights.with(c, weights[c]! * factor);
        const correlation = rank(tried);
        if (correlation > best) [weights, best] = [tried, correlation];
      }
    if (best === before) break;
  }
  const largest = weights.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
  return weights.map((w) => (largest === 0 ? 0 : w / largest));
}

function standardise(values: readonly number[]): {
  readonly values: readonly number[];
  readonly scale: number;
} {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const scale = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
  return { values: values.map((x) => (scale === 0 ? 0 : (x - mean) / scale)), scale };
}
