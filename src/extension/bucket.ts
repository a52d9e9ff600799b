/** Strengths of colour a sign has. */
export const strengths = 5;

/** Below this share of the scale nothing is painted: the eye goes to what matters. */
const quiet = 0.04;

/** Bucket of a credit: 0 = not painted, 1…5 positive and 6…10 negative by strength. */
export function bucketOf(credit: number, scale: number): number {
  const share = Math.abs(credit) / scale;
  if (!(share >= quiet)) return 0;
  const strength = Math.max(1, Math.min(strengths, Math.ceil(share * strengths)));
  return credit > 0 ? strength : strengths + strength;
}

/** Buckets of many credits at once. */
export function bucketsOf(credits: Float64Array, scale: number): Uint8Array {
  return Uint8Array.from(credits, (credit) => bucketOf(credit, scale));
}

/**
 * A number for the whole response says nothing about where in it, so it is painted lightly: two strengths of a sign at
 * most, and no underline.
 */
export const wholeResponseFactor = 2.5;
