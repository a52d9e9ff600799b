/** Two rewards of one answer: of the user and of the model. Both are to be large. */
export type Payoff = readonly [user: number, model: number];

/**
 * `b` is at least `a` − ε in both rewards and above that in one. With ε > 0 equal points dominate each other, as in the
 * release (0.05 there).
 */
export function isDominated(a: Payoff, b: Payoff, epsilon: number): boolean {
  return b[0] >= a[0] - epsilon && b[1] >= a[1] - epsilon && (b[0] > a[0] - epsilon || b[1] > a[1] - epsilon);
}

/** Points that no other one beats in both rewards, from the largest reward of the user on; equal ones once. */
export function paretoFrontier(points: readonly Payoff[]): readonly Payoff[] {
  let best = -Infinity;
  return points
    .toSorted((a, b) => b[0] - a[0] || b[1] - a[1])
    .filter(([, model]) => {
      if (model <= best) return false;
      best = model;
      return true;
    });
}

/** Area that the frontier dominates above a reference point. @param frontier from the largest reward of the user on */
export function hypervolume(frontier: readonly Payoff[], [user, model]: Payoff): number {
  let area = 0;
  let below = model;
  for (const [u, m] of frontier) {
    area += Math.max(0, u - user) * Math.max(0, m - below);
    below = Math.max(below, m);
  }
  return area;
}

/**
 * The released area: only the first rectangle counts, since the frontier is walked from its largest reward on and widths
 * below 0 are cut. For comparison with published numbers.
 */
export function releasedHypervolume(frontier: readonly Payoff[], [user, model]: Payoff): number {
  let area = 0;
  let before = user;
  for (const [u, m] of frontier) {
    area += Math.max(0, u - before) * Math.max(0, m - model);
    before = u;
  }
  return area;
}

/** How far a point is behind the nearest point of the frontier, in its worse reward, as a share of the range; 0 on it. */
export function frontierRegret(point: Payoff, frontier: readonly Payoff[], ranges: Payoff): number {
  const regrets = frontier.map((best) => Math.max(0, ...gapsOf(point, best, ranges)));
  return regrets.length === 0 ? 0 : Math.min(...regrets);
}

/** True where a point of the frontier is ahead by at most ε of the range in both rewards. */
export function isNearFrontier(
  point: Payoff,
  frontier: readonly Payoff[],
  { ranges, epsilon }: { readonly ranges: Payoff; readonly epsilon: number },
): boolean {
  return frontier.some((best) => gapsOf(point, best, ranges).every((gap) => gap <= epsilon));
}

function gapsOf(point: Payoff, best: Payoff, ranges: Payoff): readonly [number, number] {
  const scale = (range: number): number => (range > 0 ? range : 1);
  return [(best[0] - point[0]) / scale(ranges[0]), (best[1] - point[1]) / scale(ranges[1])];
}

export interface Welfare {
  /** Mean geometric mean of both rewards. */
  readonly nash: number;
  /** Mean of user^α · model^(1 − α). */
  readonly cobbDouglas: number;
}

const tiny = 1e-9;

/** Mean welfare of points; rewards below 0 count as 0, and all are a billionth larger. 0 of no points. */
export function welfareOf(points: readonly Payoff[], alpha: number): Welfare {
  if (points.length === 0) return { nash: 0, cobbDouglas: 0 };
  let [nash, cobbDouglas] = [0, 0];
  for (const [user, model] of points) {
    const [u, m] = [Math.max(user, 0) + tiny, Math.max(model, 0) + tiny];
    nash += Math.sqrt(u) * Math.sqrt(m);
    cobbDouglas += u ** alpha * m ** (1 - alpha);
  }
  return { nash: nash / points.length, cobbDouglas: cobbDouglas / points.length };
}

/** Range of each reward as a share of the whole range, and the mean of both; 0 where a range is empty. */
export function coverageSpread(
  points: readonly Payoff[],
  { min, max }: { readonly min: Payoff; readonly max: Payoff },
): readonly [user: number, model: number, mean: number] {
  if (points.length === 0) return [0, 0, 0];
  const own = boundsOf(points);
  const share = (i: 0 | 1): number => (max[i] > min[i] ? (own.max[i] - own.min[i]) / (max[i] - min[i]) : 0);
  return [share(0), share(1), 0.5 * (share(0) + share(1))];
}

/** Least and largest of both rewards. */
export function boundsOf(points: readonly Payoff[]): { readonly min: Payoff; readonly max: Payoff } {
  const min: [number, number] = [Infinity, Infinity];
  const max: [number, number] = [-Infinity, -Infinity];
  for (const point of points)
    for (const i of [0, 1] as const) {
      min[i] = Math.min(min[i], point[i]);
      max[i] = Math.max(max[i], point[i]);
    }
  return { min, max };
}
