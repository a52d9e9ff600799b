import type { BatchShape } from "../columns.ts";

export interface GaeOptions {
  readonly gamma: number;
  readonly lambda: number;
  /** At mask 0: `carry` passes by (verl); `ignore` takes a token with reward 0 and value 0 (OpenRLHF). */
  readonly holes: "carry" | "ignore";
  /** Value after the last token of each rollout; NaN = 0 (as every release). */
  readonly finalValue: Float64Array | null;
}

/** The numbers of each position: what it saw of the next trained one, and its advantage. */
export interface GaeLanes {
  readonly nextValue: Float64Array;
  readonly nextAdvantage: Float64Array;
  readonly advantage: Float64Array;
}

/**
 * Generalised advantage estimation, backwards over each rollout: δ = r + γV⁺ − V, A = δ + γλA⁺.
 *
 * Schulman et al. (arXiv:1506.02438), equation 16; verl `compute_gae_advantage_return`. With `carry`, a masked
 * position keeps the advantage of the trained one after it, and a reward there is lost.
 */
export function gae(
  { nRollouts, positions, mask }: BatchShape,
  { reward, value }: { readonly reward: Float64Array; readonly value: Float64Array },
  { gamma, lambda, holes, finalValue }: GaeOptions,
  { nextValue, nextAdvantage, advantage }: GaeLanes,
): void {
  for (let r = 0; r < nRollouts; r++) {
    const last = finalValue?.[r] ?? NaN;
    let valueAfter = Number.isNaN(last) ? 0 : last;
    let advantageAfter = 0;
    for (let t = positions[r + 1]! - 1; t >= positions[r]!; t--) {
      nextValue[t] = valueAfter;
      nextAdvantage[t] = advantageAfter;
      const trained = mask[t] === 1;
      if (trained || holes === "ignore") {
        const v = trained ? value[t]! : 0;
        const delta = (trained ? reward[t]! : 0) + gamma * valueAfter - v;
        advantageAfter = delta + gamma * lambda * advantageAfter;
        valueAfter = v;
      }
      advantage[t] = advantageAfter;
    }
  }
}
