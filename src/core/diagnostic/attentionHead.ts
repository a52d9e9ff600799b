import type { Matrix } from "../stats/singularValues.ts";

/** Attention from each token (row) to the first one: what a dormant head does with almost all of it. Section 14.5. */
export function sinkAttention({ rows, columns, values }: Matrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, t) => values[t * columns]!);
}

/** Mean attention to the first token over all tokens but it, which can look nowhere else; NaN of fewer than two. */
export function sinkMass(attention: Matrix): number {
  const sink = sinkAttention(attention).subarray(1);
  return sink.length === 0 ? NaN : sink.reduce((a, b) => a + b, 0) / sink.length;
}

/** Tokens (rows from the second on) at which a head turns from dormant to active or back. */
export function flipsOf(attention: Matrix, dormantAbove: number): readonly number[] {
  const sink = sinkAttention(attention);
  const flips: number[] = [];
  for (let t = 2; t < sink.length; t++) {
    if (sink[t]! > dormantAbove !== sink[t - 1]! > dormantAbove) flips.push(t);
  }
  return flips;
}

/** The first number over the mean of the others: far below 1 for value norms at a sink, far above 1 for residual norms. */
export function firstToOthers(norms: readonly number[]): number {
  const others = norms.slice(1);
  return others.length === 0 ? NaN : norms[0]! / (others.reduce((a, b) => a + b, 0) / others.length);
}
