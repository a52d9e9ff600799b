import type { BatchShape } from "../columns.ts";

/** Sum of a token column over each turn and what follows it up to the policy's next turn. */
export function turnSums(
  { nRollouts, turns, turnFrom, positions }: BatchShape,
  x: Float64Array,
  sum: Float64Array,
): void {
  for (let r = 0; r < nRollouts; r++) {
    for (let u = turns[r]!; u < turns[r + 1]!; u++) {
      const from = u === turns[r] ? positions[r]! : turnFrom[u]!;
      const to = u + 1 < turns[r + 1]! ? turnFrom[u + 1]! : positions[r + 1]!;
      sum[u] = 0;
      for (let t = from; t < to; t++) sum[u]! += x[t]!;
    }
  }
}
