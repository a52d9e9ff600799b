import type { BatchShape } from "../columns.ts";

/** What a running value does at a token with mask 0: pass it by, become 0, or take it as an ordinary token. */
export type Holes = "carry" | "reset" | "ignore";

/**
 * Discounted return of each position, G = r + γG⁺, backwards over each rollout.
 *
 * `carry` passes masked tokens by; `reset` computes them and then sets the running return to 0 (older verl: what lies
 * before a tool span never sees the outcome); `ignore` takes them as tokens without reward.
 * @param next the running return that each position saw, G⁺
 */
export function discountedReturns(
  { nRollouts, positions, mask }: BatchShape,
  reward: Float64Array,
  options: { readonly gamma: number; readonly holes: Holes },
  { returns, next }: { readonly returns: Float64Array; readonly next: Float64Array },
): void {
  const { gamma, holes } = options;
  for (let r = 0; r < nRollouts; r++) {
    let running = 0;
    for (let t = positions[r + 1]! - 1; t >= positions[r]!; t--) {
      next[t] = running;
      const trained = mask[t] === 1;
      if (holes === "carry") {
        if (trained) running = reward[t]! + gamma * running;
        returns[t] = trained ? running : 0;
      } else {
        running = (trained || holes === "reset" ? reward[t]! : 0) + gamma * running;
        returns[t] = running;
        if (!trained && holes === "reset") running = 0;
      }
    }
  }
}

/** Sum of x from each index on, within each row of `offsets`: out[k] = x[k] + γ·out[k + 1]. */
export function suffixSums(offsets: Int32Array, x: Float64Array, gamma: number, out: Float64Array): void {
  for (let r = 0; r + 1 < offsets.length; r++) {
    let running = 0;
    for (let k = offsets[r + 1]! - 1; k >= offsets[r]!; k--) out[k] = running = x[k]! + gamma * running;
  }
}

/** Least x from each index on, within each row of `offsets`. */
export function suffixMinima(offsets: Int32Array, x: Float64Array, out: Float64Array): void {
  for (let r = 0; r + 1 < offsets.length; r++) {
    let running = Infinity;
    for (let k = offsets[r + 1]! - 1; k >= offsets[r]!; k--) out[k] = running = Math.min(x[k]!, running);
  }
}
