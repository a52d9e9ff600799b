/** What an elliptical bonus starts from. */
export interface EllipticalSettings {
  /** C₀ = ridge · I. */
  readonly ridge: number;
}

/**
 * Elliptical bonus b = φᵀC⁻¹φ of each step, read before C ← C + φφᵀ (E3B, section 14.4); an end of an episode sets C back.
 * @param features φ of each step; all equally long
 * @param ends per step: the episode ends after it
 */
export function ellipticalBonuses(
  features: readonly (readonly number[])[],
  ends: readonly boolean[],
  { ridge }: EllipticalSettings,
): Float64Array {
  const d = features[0]?.length ?? 0;
  const inverse = new Float64Array(d * d);
  const reset = (): void => {
    inverse.fill(0);
    for (let i = 0; i < d; i++) inverse[i * d + i] = 1 / ridge;
  };
  reset();
  return Float64Array.from(features, (phi, t) => {
    const u = Float64Array.from({ length: d }, (_, i) =>
      phi.reduce((sum, x, j) => sum + inverse[i * d + j]! * x, 0),
    );
    const bonus = phi.reduce((sum, x, i) => sum + x * u[i]!, 0);
    for (let i = 0; i < d; i++)
      for (let j = 0; j < d; j++) inverse[i * d + j]! -= (u[i]! * u[j]!) / (1 + bonus);
    if (ends[t] === true) reset();
    return bonus;
  });
}

/** How often states were seen, over an episode or over a run. */
export class VisitCounts {
  readonly #counts = new Map<string, number>();

  /** Counts a visit. @returns 1/√N, N with this visit */
  bonus(state: string): number {
    const n = (this.#counts.get(state) ?? 0) + 1;
    this.#counts.set(state, n);
    return 1 / Math.sqrt(n);
  }

  /** Different states seen so far. */
  get size(): number {
    return this.#counts.size;
  }
}

/**
 * Share of the variance of returns that lies between contexts (η²), 0 to 1: near 0 every context is alike and global novelty
 * informs, near 1 each is a world of its own and only episodic novelty does. NaN without variance or with fewer than two contexts.
 */
export function contextVarianceShare(contexts: readonly (readonly number[])[]): number {
  const all = contexts.flat();
  if (contexts.length < 2) return NaN;
  const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;
  const grand = mean(all);
  const total = all.reduce((sum, x) => sum + (x - grand) ** 2, 0);
  const between = contexts.reduce((sum, xs) => sum + xs.length * (mean(xs) - grand) ** 2, 0);
  return total === 0 ? NaN : between / total;
}
