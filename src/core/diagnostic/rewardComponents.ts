import type { Trajectory } from "../rollout/trajectory.ts";

export type Weights = Readonly<Record<string, number>>;

/** Components of the reward of one rollout by name; those that do not apply are left out. */
export type ComponentRow = ReadonlyMap<string, number>;

export function componentsOf({ rewards }: Trajectory): ComponentRow {
  return new Map([...rewards].filter(([, value]) => Number.isFinite(value)));
}

/** Weighted sum, or product of the powers; a component without a weight has 1. */
export function combine(row: ComponentRow, weights: Weights, form: "sum" | "product"): number {
  let total = form === "sum" ? 0 : 1;
  for (const [name, value] of row) {
    const weight = weights[name] ?? 1;
    if (form === "sum") total += weight * value;
    else total *= value ** weight;
  }
  return total;
}

/** The largest of some numbers, the first of equal ones; −1 of none. */
export function bestOf(totals: readonly number[]): number {
  let best = -1;
  totals.forEach((total, i) => {
    if (best < 0 || total > totals[best]!) best = i;
  });
  return best;
}

/** True where some other response of a group is best by `after` than any that is best by `before`. */
export function flipsBest(before: readonly number[], after: readonly number[]): boolean {
  const most = Math.max(...before);
  const now = Math.max(...after);
  return !before.some((total, i) => total === most && after[i] === now);
}

/**
 * Part of each component in a rise of the mean total: its own rise over the sum of all rises; those that fell have none.
 * Empty where the total did not rise by more than rounding.
 */
export function shareOfRise(
  before: ComponentRow,
  after: ComponentRow,
  weights: Weights,
): ReadonlyMap<string, number> {
  const changes = [...after]
    .map(([name, value]) => [name, (weights[name] ?? 1) * (value - (before.get(name) ?? NaN))] as const)
    .filter(([, change]) => !Number.isNaN(change));
  const total = changes.reduce((sum, [, change]) => sum + change, 0);
  const risen = changes.reduce((sum, [, change]) => sum + Math.max(0, change), 0);
  return new Map(
    total > 1e-9 * risen ? changes.map(([name, change]) => [name, Math.max(0, change) / risen]) : [],
  );
}
