import type { SingletonRule } from "./groupStatistics.ts";

/** Entries by key: `key[i]` from 0 on, −1 = in no group. Entry `i` counts `weight[i]` times, once without weights. */
export interface Keyed {
  readonly key: Int32Array;
  readonly nKeys: number;
  readonly weight?: ArrayLike<number>;
}

/**
 * Mean and unbiased variance (n − 1, n the sum of the weights) of `x` over the entries of the same key, and that n, for each
 * entry; NaN where it has no key. A key of n = 1: `raw` mean 0 and variance 1, `zero` its own mean and 0, `nan` its own
 * mean and NaN.
 */
export function keyedMoments(
  { key, nKeys, weight }: Keyed,
  x: Float64Array,
  singleton: SingletonRule,
  out: { readonly mean: Float64Array; readonly variance: Float64Array; readonly size: Float64Array },
): void {
  const [count, sum, squares] = [new Float64Array(nKeys), new Float64Array(nKeys), new Float64Array(nKeys)];
  const add = (to: Float64Array, value: (i: number) => number): void =>
    key.forEach((k, i) => {
      if (k >= 0) to[k]! += (weight?.[i] ?? 1) * value(i);
    });
  add(count, () => 1);
  add(sum, (i) => x[i]!);
  add(squares, (i) => (x[i]! - sum[key[i]!]! / count[key[i]!]!) ** 2);
  const ofOne = { raw: 1, zero: 0, nan: NaN }[singleton];
  key.forEach((k, i) => {
    const n = k < 0 ? NaN : count[k]!;
    out.size[i] = n;
    out.mean[i] = k < 0 ? NaN : n === 1 && singleton === "raw" ? 0 : sum[k]! / n;
    out.variance[i] = k < 0 ? NaN : n === 1 ? ofOne : squares[k]! / (n - 1);
  });
}
