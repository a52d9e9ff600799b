/** How far two methods agree on one rollout. */
export interface Agreement {
  /** Places that both give a number. */
  readonly n: number;
  /** Spearman's rank correlation; NaN where one of them gives all places the same number. */
  readonly rank: number;
  /** Share of the places where one says good and the other bad; 0 is neither. */
  readonly opposed: number;
}

/** Rank correlation, and share of opposite signs, over the places where both are finite. */
export function agreementOf(a: Float64Array, b: Float64Array): Agreement {
  const both = [...a.keys()].filter((i) => Number.isFinite(a[i]!) && Number.isFinite(b[i]!));
  const x = Float64Array.from(both, (i) => a[i]!);
  const y = Float64Array.from(both, (i) => b[i]!);
  const opposed = both.filter((_, k) => x[k]! * y[k]! < 0).length;
  return {
    n: both.length,
    rank: correlation(ranks(x), ranks(y)),
    opposed: both.length === 0 ? NaN : opposed / both.length,
  };
}

/**
 * Difference of two methods at each place, each in units of its own root mean square, since their scales say nothing of
 * each other; NaN where one of them has no number.
 */
export function differences(a: Float64Array, b: Float64Array): Float64Array {
  const [unitA, unitB] = [rootMeanSquare(a), rootMeanSquare(b)];
  return a.map((x, i) => Math.abs(x / unitA - b[i]! / unitB));
}

/** Ranks from 1, ties the mean of theirs. */
export function ranks(x: Float64Array): Float64Array {
  const order = Uint32Array.from(x.keys()).sort((i, j) => x[i]! - x[j]!);
  const out = new Float64Array(x.length);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && x[order[to]!] === x[order[from]!]) to++;
    for (let k = from; k < to; k++) out[order[k]!] = (from + 1 + to) / 2;
    from = to;
  }
  return out;
}

function correlation(x: Float64Array, y: Float64Array): number {
  const n = x.length;
  const mean = (n + 1) / 2;
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    xx += (x[i]! - mean) ** 2;
    yy += (y[i]! - mean) ** 2;
    xy += (x[i]! - mean) * (y[i]! - mean);
  }
  return xx === 0 || yy === 0 ? NaN : xy / Math.sqrt(xx * yy);
}

function rootMeanSquare(x: Float64Array): number {
  let [sum, n] = [0, 0];
  for (const value of x) {
    if (!Number.isFinite(value)) continue;
    sum += value * value;
    n++;
  }
  return sum === 0 ? 1 : Math.sqrt(sum / n);
}
