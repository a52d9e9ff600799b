/**
 * The trained tokens that have a number; the mask itself where all have. A group of one has no leave-one-out: left in the
 * moments of the batch, its NaN would take the credit of every other rollout.
 */
export function countedTokens(mask: Uint8Array, x: Float64Array): Uint8Array {
  if (!mask.some((m, t) => m === 1 && Number.isNaN(x[t]))) return mask;
  return mask.map((m, t) => (Number.isNaN(x[t]) ? 0 : m));
}
