import { pearson, spearman } from "../stats/correlation.ts";

/** An episode as a decomposition sees it. */
export interface Decomposed {
  readonly ret: number;
  /** Proxy reward of each turn. */
  readonly proxy: readonly number[];
  /** Latent factors of each turn by name. */
  readonly factors: ReadonlyMap<string, readonly number[]>;
}

/** Mean proxy reward minus the return divided by the length. */
export function residualOf({ ret, proxy }: Decomposed): number {
  return sumOf(proxy) / proxy.length - ret / proxy.length;
}

/** Mean squared residual: the loss of return decomposition. */
export function decompositionLoss(episodes: readonly Decomposed[]): number {
  return sumOf(episodes.map((one) => residualOf(one) ** 2)) / episodes.length;
}

/** Rank correlation of the episodes' summed proxy rewards with their returns. */
export function returnRankCorrelation(episodes: readonly Decomposed[]): number {
  return spearman(
    episodes.map(({ proxy }) => sumOf(proxy)),
    episodes.map(({ ret }) => ret),
  );
}

export interface FactorReport {
  /** Σ|factor| over the sum of that of all factors. */
  readonly share: number;
  /** Correlation with the proxy reward over the turns. */
  readonly withProxy: number;
  /** Rank correlation of the episodes' sums with their returns. */
  readonly withReturn: number;
}

/** What each factor contributes, by name; over the episodes that hold it. */
export function factorReports(episodes: readonly Decomposed[]): ReadonlyMap<string, FactorReport> {
  const names = [...new Set(episodes.flatMap(({ factors }) => [...factors.keys()]))];
  const sizes = names.map((name) =>
    sumOf(episodes.flatMap(({ factors }) => (factors.get(name) ?? []).map(Math.abs))),
  );
  const all = sumOf(sizes);
  return new Map(
    names.map((name, i) => {
      const holding = episodes.filter(({ factors }) => factors.has(name));
      const ofTurns = holding.flatMap(({ factors }) => factors.get(name)!);
      return [
        name,
        {
          share: sizes[i]! / all,
          withProxy: pearson(
            ofTurns,
            holding.flatMap(({ proxy }) => proxy),
          ),
          withReturn: spearman(
            holding.map(({ factors }) => sumOf(factors.get(name)!)),
            holding.map(({ ret }) => ret),
          ),
        },
      ];
    }),
  );
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0);
}
