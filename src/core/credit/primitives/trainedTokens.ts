import type { BatchShape } from "../columns.ts";

/** Number of trained tokens of each rollout: its length, Σ m. */
export function trainedTokens({ nRollouts, positions, mask }: BatchShape, out: Float64Array): void {
  for (let r = 0; r < nRollouts; r++) {
    let n = 0;
    for (let t = positions[r]!; t < positions[r + 1]!; t++) n += mask[t]!;
    out[r] = n;
  }
}
