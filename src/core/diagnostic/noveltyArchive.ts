/**
 * Behaviour descriptors met so far. The novelty of one is its mean Euclidean distance to its nearest neighbours among them
 * (section 14.3).
 */
export class NoveltyArchive {
  readonly #points: (readonly number[])[] = [];
  readonly #neighbours: number;

  /** @param neighbours how many count; fewer where the archive holds fewer */
  constructor(neighbours: number) {
    this.#neighbours = neighbours;
  }

  get size(): number {
    return this.#points.length;
  }

  /** NaN while the archive is empty. */
  novelty(point: readonly number[]): number {
    const distances = this.#points
      .map((other) => Math.hypot(...point.map((x, i) => x - other[i]!)))
      .toSorted((a, b) => a - b)
      .slice(0, this.#neighbours);
    return distances.length === 0 ? NaN : distances.reduce((a, b) => a + b, 0) / distances.length;
  }

  add(point: readonly number[]): void {
    this.#points.push(point);
  }
}

/** A descriptor with the reward of its rollout. */
export interface Behaviour {
  readonly point: readonly number[];
  readonly reward: number;
}

/** What of a grid over the descriptors was reached, and what was made of the rewards in it. */
export interface Coverage {
  readonly cells: number;
  readonly reached: number;
  readonly coverage: number;
  /** Cells in which a reward was found, and of them those that were sought out again afterwards. */
  readonly rewarded: number;
  readonly exploited: number;
  readonly exploitedShare: number;
}

/**
 * Coverage of a grid of `bins` cells a dimension between the smallest and the largest of each.
 * @param behaviours in the order of training
 */
export function coverageOf(behaviours: readonly Behaviour[], bins: number, rewardAbove: number): Coverage {
  const cellOf = gridOver(
    behaviours.map(({ point }) => point),
    bins,
  );
  const reached = new Set<string>();
  const visitsAfterReward = new Map<string, number>();
  for (const { point, reward } of behaviours) {
    const cell = cellOf(point);
    reached.add(cell);
    const visits = visitsAfterReward.get(cell);
    if (visits !== undefined) visitsAfterReward.set(cell, visits + 1);
    else if (reward > rewardAbove) visitsAfterReward.set(cell, 0);
  }
  const cells = bins ** (behaviours[0]?.point.length ?? 0);
  const exploited = [...visitsAfterReward.values()].filter((visits) => visits > 0).length;
  return {
    cells,
    reached: reached.size,
    coverage: reached.size / cells,
    rewarded: visitsAfterReward.size,
    exploited,
    exploitedShare: exploited / visitsAfterReward.size,
  };
}

function gridOver(
  points: readonly (readonly number[])[],
  bins: number,
): (point: readonly number[]) => string {
  const dimensions = points[0]?.length ?? 0;
  const range = Array.from({ length: dimensions }, (_, d) => {
    const own = points.map((point) => point[d]!);
    return { low: Math.min(...own), high: Math.max(...own) };
  });
  return (point) =>
    point
      .map((x, d) => {
        const { low, high } = range[d]!;
        return high === low ? 0 : Math.min(bins - 1, Math.floor(((x - low) / (high - low)) * bins));
      })
      .join(" ");
}
