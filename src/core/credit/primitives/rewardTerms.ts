import type { Components } from "../columns.ts";
import { appliedStatistics, type Groups } from "./appliedStatistics.ts";
import type { SingletonRule } from "./groupStatistics.ts";

/** Weights of components by name; those without one weigh 1. */
export type Weights = Readonly<Record<string, number>>;

export interface Normalization {
  /** Divide by the standard deviation plus `epsilon`. */
  readonly normalizeByStd: boolean;
  readonly epsilon: number;
  readonly singleton: SingletonRule;
}

/** (x − mean) / (std + ε) over the members of the group to whom `x` applies; NaN where it does not. */
export function normalizeApplied(
  groups: Groups,
  x: Float64Array,
  { normalizeByStd, epsilon, singleton }: Normalization,
): Float64Array {
  const { mean, variance } = appliedStatistics(groups, x, singleton);
  return x.map((own, r) => (own - mean[r]!) / (normalizeByStd ? Math.sqrt(variance[r]!) + epsilon : 1));
}

/** Each component times its weight. */
export function weighted({ names, values }: Components, weights: Weights): Components {
  return {
    names,
    values: values.map((x, k) => {
      const weight = Object.hasOwn(weights, names[k]!) ? weights[names[k]!]! : 1;
      return x.map((own) => weight * own);
    }),
  };
}

/**
 * Sum over the components that apply to a rollout: those that are numbers in `applies`. NaN where none does, or where
 * one that applies is NaN here.
 */
export function sumApplied({ values }: Components, applies: Components, out: Float64Array): void {
  out.fill(NaN);
  const begun = new Uint8Array(out.length);
  values.forEach((x, k) =>
    applies.values[k]!.forEach((own, r) => {
      if (Number.isNaN(own)) return;
      out[r] = (begun[r] === 1 ? out[r]! : 0) + x[r]!;
      begun[r] = 1;
    }),
  );
}

/** A lane for each component, named as its signal: `rewards.NAME`. */
export function addLanes(
  { names, values }: Components,
  add: (name: string, info: { level: "trajectory"; doc: string; kind: "component" }) => Float64Array,
  doc: string,
): void {
  names.forEach((name, k) =>
    add(`rewards.${name}`, { level: "trajectory", doc: `"${name}": ${doc}`, kind: "component" }).set(
      values[k]!,
    ),
  );
}
