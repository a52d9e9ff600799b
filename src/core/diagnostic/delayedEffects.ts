import type { Matrix } from "../stats/singularValues.ts";
import { ridge } from "../stats/ridge.ts";

/** Actions and rewards of one episode, step by step. */
export interface ActionSeries {
  /** Features of each action; all equally long. */
  readonly features: readonly (readonly number[])[];
  /** NaN = not logged: the step still acts on later ones. */
  readonly rewards: readonly number[];
}

/** How the reward answers to actions now and before (section 15.5). */
export interface ImpulseResponse {
  /** h_k for k = 0 … lags: an effect for each feature. */
  readonly effects: readonly (readonly number[])[];
  /** Steps that the fit rests on. */
  readonly steps: number;
}

/** Fits y_t = Σ_k h_k·u_{t−k}, k = 0 … lags, by ridge regression over all episodes; nothing acts before an episode's start. */
export function fitImpulses(
  episodes: readonly ActionSeries[],
  { lags, penalty }: { readonly lags: number; readonly penalty: number },
): ImpulseResponse {
  const width = episodes[0]?.features[0]?.length ?? 0;
  const rows: number[] = [];
  const y: number[] = [];
  for (const { features, rewards } of episodes) {
    rewards.forEach((reward, t) => {
      if (Number.isNaN(reward)) return;
      y.push(reward);
      for (let k = 0; k <= lags; k++)
        rows.push(...(features[t - k] ?? Array.from({ length: width }, () => 0)));
    });
  }
  const matrix: Matrix = { rows: y.length, columns: width * (lags + 1), values: Float64Array.from(rows) };
  const beta = ridge(matrix, Float64Array.from(y), penalty);
  const effects = Array.from({ length: lags + 1 }, (_, k) => [...beta.subarray(k * width, (k + 1) * width)]);
  return { effects, steps: y.length };
}

/** Size of the effect at each lag: the sum of its absolute parts. */
export function lagMass(effects: readonly (readonly number[])[]): readonly number[] {
  return effects.map((own) => own.reduce((sum, x) => sum + Math.abs(x), 0));
}

/** Share of the mass that a discount γ lets through: Σ γᵏ·m_k / Σ m_k; NaN of no mass. */
export function creditedShare(mass: readonly number[], gamma: number): number {
  const total = mass.reduce((a, b) => a + b, 0);
  return mass.reduce((sum, m, k) => sum + gamma ** k * m, 0) / total;
}
