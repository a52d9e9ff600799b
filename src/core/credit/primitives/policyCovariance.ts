import { maskedMoments } from "./whiten.ts";

/** Numbers of the batch's tokens, all of one length. */
export interface PolicyTokens {
  readonly mask: Uint8Array;
  readonly advantage: Float64Array;
  /** log π of the policy that is being updated. */
  readonly logprob: Float64Array;
}

/**
 * c = (A − mean A)·(log π − mean log π) of each token, the means over the batch's trained tokens. Tokens with a large c
 * are those whose update lowers the policy's entropy. The Entropy Mechanism (arXiv:2505.22617).
 */
export function policyCovariance(
  { mask, advantage, logprob }: PolicyTokens,
  out: Float64Array,
): { readonly meanAdvantage: number; readonly meanLogprob: number } {
  const meanAdvantage = maskedMoments(advantage, mask).mean;
  const meanLogprob = maskedMoments(logprob, mask).mean;
  for (let t = 0; t < out.length; t++) out[t] = (advantage[t]! - meanAdvantage) * (logprob[t]! - meanLogprob);
  return { meanAdvantage, meanLogprob };
}

export interface ClipRange {
  readonly clipLow: number;
  readonly clipHigh: number;
}

/** PPO's two losses of a token: −A·ratio, and the same with the ratio clipped. */
export function surrogateLosses(
  advantage: number,
  ratio: number,
  { clipLow, clipHigh }: ClipRange,
): { readonly plain: number; readonly clipped: number } {
  const kept = Math.min(Math.max(ratio, 1 - clipLow), 1 + clipHigh);
  return { plain: -advantage * ratio, clipped: -advantage * kept };
}
