import type { BatchShape } from "../columns.ts";

/**
 * Sum of x over the trained tokens of the rollout up to the end of each step, and up to the end of the step before it (0
 * at the first): what stands between two steps counts for the later. NaN for a step without tokens.
 */
export function stepTotals(
  { nRollouts, positions, steps, mask, stepEnd }: BatchShape,
  x: Float64Array,
  { upTo, before }: { readonly upTo: Float64Array; readonly before: Float64Array },
): void {
  for (let r = 0; r < nRollouts; r++) {
    let total = 0;
    let t = positions[r]!;
    for (let k = steps[r]!; k < steps[r + 1]!; k++) {
      if (stepEnd[k]! < 0) continue;
      before[k] = total;
      for (; t <= stepEnd[k]!; t++) if (mask[t] === 1) total += x[t]!;
      upTo[k] = total;
    }
  }
}
