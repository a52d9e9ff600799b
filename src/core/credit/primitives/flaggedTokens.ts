import type { BatchShape } from "../columns.ts";

/**
 * 1 at the trained tokens of the steps that are flagged, 0 at all other tokens. A step's trained tokens are the last ones
 * up to its end, as many as it has.
 */
export function flaggedTokens(
  { mask, stepEnd, stepTokens }: BatchShape,
  isFlagged: (step: number) => boolean,
  out: Float64Array,
): void {
  out.fill(0);
  for (let k = 0; k < stepEnd.length; k++) {
    if (!isFlagged(k)) continue;
    let left = stepTokens[k]!;
    for (let t = stepEnd[k]!; left > 0; t--) {
      if (mask[t] !== 1) continue;
      out[t] = 1;
      left--;
    }
  }
}
