import type { Lists } from "../columns.ts";

/** Numbers of the actions that an agent had at each turn, as lists of one length a turn. */
export interface Actions {
  /** Index of the action taken. */
  readonly taken: Float64Array;
  /** Value of each action, the other agents' actions as they were. */
  readonly values: Lists;
}

/** Value of the action taken at turn `u`; NaN where the list has none at that index. */
export function takenValue({ taken, values: { offsets, values } }: Actions, u: number): number {
  const at = offsets[u]! + taken[u]!;
  return taken[u]! >= 0 && at < offsets[u + 1]! ? (values[at] ?? NaN) : NaN;
}

/** Σ π(a')·Q(a') at turn `u`, and Σ π; NaN where the lists differ in length or are empty. */
export function expectedValue(
  { values }: Actions,
  probabilities: Lists,
  u: number,
): { readonly mean: number; readonly mass: number } {
  const [from, n] = [values.offsets[u]!, values.offsets[u + 1]! - values.offsets[u]!];
  const start = probabilities.offsets[u]!;
  if (n === 0 || probabilities.offsets[u + 1]! - start !== n) return { mean: NaN, mass: NaN };
  let mean = 0;
  let mass = 0;
  for (let a = 0; a < n; a++) {
    mean += probabilities.values[start + a]! * values.values[from + a]!;
    mass += probabilities.values[start + a]!;
  }
  return { mean, mass };
}

/** T·log Σ exp(Q / T) over the actions at turn `u`; NaN where there are none. */
export function softValue({ offsets, values }: Lists, u: number, temperature: number): number {
  const own = values.subarray(offsets[u]!, offsets[u + 1]!);
  if (own.length === 0) return NaN;
  const most = own.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = own.reduce((total, q) => total + Math.exp((q - most) / temperature), 0);
  return most + temperature * Math.log(sum);
}
