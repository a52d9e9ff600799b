/** A reward of a set of samples, computed from the members that are left in. */
export type SetReward = (members: readonly number[]) => number;

/** R(D) − R(D∖{x}) of each member x of the set; NaN where either is none. */
export function leaveOneOut(
  members: readonly number[],
  reward: SetReward,
): { readonly whole: number; readonly without: readonly number[] } {
  return {
    whole: reward(members),
    without: members.map((one) => reward(members.filter((other) => other !== one))),
  };
}

/** Mean Euclidean distance between the vectors of each two members; 0 of fewer than two. */
export function meanDistance(vectors: readonly Float64Array[]): number {
  let sum = 0;
  let n = 0;
  for (let i = 0; i < vectors.length; i++)
    for (let j = 0; j < i; j++) {
      sum += distance(vectors[i]!, vectors[j]!);
      n++;
    }
  return n === 0 ? 0 : sum / n;
}

/** NaN where the vectors are empty or differ in length. */
function distance(a: Float64Array, b: Float64Array): number {
  if (a.length === 0 || a.length !== b.length) return NaN;
  return Math.sqrt(a.reduce((sum, x, i) => sum + (x - b[i]!) ** 2, 0));
}
