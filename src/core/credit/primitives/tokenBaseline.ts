import type { BatchShape } from "../columns.ts";

/**
 * Realised energy of each rollout up to a position, W_t = Σ_{k≤t} w_k · m_k with w = 1 − 2π + Σ_v π_v²: the squared length
 * of the gradient of log π by the logits, times the squared importance weight where there is one.
 */
export function cumulativeEnergy(
  { nRollouts, positions, mask }: BatchShape,
  signals: {
    readonly logprob: Float64Array;
    readonly sumSquares: Float64Array;
    readonly importance: Float64Array | null;
  },
  energy: Float64Array,
): void {
  const { logprob, sumSquares, importance } = signals;
  for (let r = 0; r < nRollouts; r++) {
    let running = 0;
    for (let t = positions[r]!; t < positions[r + 1]!; t++) {
      if (mask[t] === 1)
        running +=
          (1 - 2 * Math.exp(logprob[t]!) + sumSquares[t]!) * (importance === null ? 1 : importance[t]! ** 2);
      energy[t] = running;
    }
  }
}

export interface TokenBaselineOptions {
  /** Where members are compared: at the same position, or at the same number of trained tokens before it. */
  readonly align: "position" | "trained";
  /** What the group's longest rollout has beyond the second longest has baseline 0. */
  readonly zeroTail: boolean;
  readonly epsilon: number;
}

/**
 * Baseline of least variance at each depth of a group, b = Σ G·W / (Σ W + ε) over the members that have a trained token
 * there; 0 for a group of one. Written at every position; what depths mean is `align`'s.
 */
export function tokenBaselines(
  batch: BatchShape,
  { returns, energy }: { readonly returns: Float64Array; readonly energy: Float64Array },
  options: TokenBaselineOptions,
  baseline: Float64Array,
): void {
  const { group, nGroups, nRollouts } = batch;
  const members: number[][] = Array.from({ length: nGroups }, () => []);
  const counts = trainedCounts(batch);
  for (let r = 0; r < nRollouts; r++)
    if (options.align === "position" || counts[r]! > 0) members[group[r]!]!.push(r);
  baseline.fill(0);
  for (const own of members) {
    if (own.length < 2) continue;
    const tail = options.zeroTail ? longestAlone(own, counts) : null;
    ofGroup(batch, own, { returns, energy, tail, options }, baseline);
  }
}

interface GroupOfReturns {
  readonly returns: Float64Array;
  readonly energy: Float64Array;
  readonly tail: { readonly rollout: number; readonly from: number } | null;
  readonly options: TokenBaselineOptions;
}

function ofGroup(
  { positions, mask }: BatchShape,
  members: readonly number[],
  { returns, energy, tail, options: { align, epsilon } }: GroupOfReturns,
  baseline: Float64Array,
): void {
  const longest = Math.max(...members.map((r) => positions[r + 1]! - positions[r]!));
  const weighted = new Float64Array(longest);
  const weights = new Float64Array(longest);
  const each = (visit: (t: number, depth: number, r: number) => void): void => {
    for (const r of members) {
      let trained = 0;
      for (let t = positions[r]!; t < positions[r + 1]!; t++) {
        if (align === "position") visit(t, t - positions[r]!, r);
        else if (mask[t] === 1) visit(t, trained++, r);
      }
    }
  };
  each((t, depth) => {
    if (mask[t] === 0) return;
    weighted[depth]! += returns[t]! * energy[t]!;
    weights[depth]! += energy[t]!;
  });
  each((t, depth, r) => {
    const beyond = tail !== null && r === tail.rollout && depth >= tail.from;
    baseline[t] = beyond ? 0 : weighted[depth]! / (weights[depth]! + epsilon);
  });
}

function trainedCounts({ nRollouts, positions, mask }: BatchShape): Int32Array {
  const counts = new Int32Array(nRollouts);
  for (let r = 0; r < nRollouts; r++)
    for (let t = positions[r]!; t < positions[r + 1]!; t++) counts[r]! += mask[t]!;
  return counts;
}

/** The member with the most trained tokens, and how many the second has; null where two have the most. */
function longestAlone(
  members: readonly number[],
  counts: Int32Array,
): { readonly rollout: number; readonly from: number } | null {
  const sorted = members.toSorted((a, b) => counts[b]! - counts[a]!);
  const [first, second] = [sorted[0]!, sorted[1]!];
  return counts[first]! > counts[second]! ? { rollout: first, from: counts[second]! } : null;
}
