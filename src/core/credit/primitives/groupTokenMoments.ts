import type { BatchShape } from "../columns.ts";

/** Mean and standard deviation (n − 1; 0 for a single token) over all trained tokens of the rollout's group. */
export function groupTokenMoments(
  { nRollouts, nGroups, group, positions, mask }: BatchShape,
  x: Float64Array,
  { mean, deviation }: { readonly mean: Float64Array; readonly deviation: Float64Array },
): void {
  const count = new Int32Array(nGroups);
  const sum = new Float64Array(nGroups);
  const squares = new Float64Array(nGroups);
  const eachTrained = (visit: (g: number, value: number) => void): void => {
    for (let r = 0; r < nRollouts; r++)
      for (let t = positions[r]!; t < positions[r + 1]!; t++) if (mask[t] === 1) visit(group[r]!, x[t]!);
  };
  eachTrained((g, value) => {
    count[g]!++;
    sum[g]! += value;
  });
  eachTrained((g, value) => {
    squares[g]! += (value - sum[g]! / count[g]!) ** 2;
  });
  for (let r = 0; r < nRollouts; r++) {
    const g = group[r]!;
    mean[r] = sum[g]! / count[g]!;
    deviation[r] = count[g]! > 1 ? Math.sqrt(squares[g]! / (count[g]! - 1)) : 0;
  }
}
