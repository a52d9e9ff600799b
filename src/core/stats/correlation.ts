/** Pearson's correlation of two columns; NaN of fewer than two pairs, or where one of them does not vary. */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const n = x.length;
  let meanX = 0;
  let meanY = 0;
  for (let i = 0; i < n; i++) {
    meanX += x[i]! / n;
    meanY += y[i]! / n;
  }
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let i = 0; i < n; i++) {
    const [a, b] = [x[i]! - meanX, y[i]! - meanY];
    xx += a * a;
    yy += b * b;
    xy += a * b;
  }
  return xx === 0 || yy === 0 ? NaN : xy / Math.sqrt(xx * yy);
}

/** Spearman's correlation: Pearson's of the ranks, ties at their mean rank. */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): number {
  return pearson(ranks(x), ranks(y));
}

function ranks(x: ArrayLike<number>): Float64Array {
  const order = Array.from(x, (_, i) => i).toSorted((a, b) => x[a]! - x[b]!);
  const rank = new Float64Array(order.length);
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && x[order[to]!] === x[order[from]!]) to++;
    // A NaN equals nothing, not even itself.
    to = Math.max(to, from + 1);
    for (let i = from; i < to; i++) rank[order[i]!] = Number.isNaN(x[order[i]!]!) ? NaN : (from + to - 1) / 2;
  }
  return rank;
}
