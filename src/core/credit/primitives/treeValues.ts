/**
 * Trees of steps, several at once: parents before their children. Node 0 ≤ i < n is a partial solution; a root holds none.
 */
export interface StepForest {
  /** Length n: parent of each node, −1 of a root. */
  readonly parent: Int32Array;
  /** Length n: 1 = a solution ends here, and it is right. */
  readonly correct: Uint8Array;
}

export interface NodeValues {
  /** V in [0, 1]; NaN in a tree without a right solution. */
  readonly value: Float64Array;
  /** m: steps to the nearest right end, itself counted as 1; NaN in a tree without one. */
  readonly distance: Float64Array;
  /** 1 = a right end lies at or below the node, 0 = none does. */
  readonly onPath: Float64Array;
}

/**
 * V = max(0, V⁻ + (1 − V⁻)·ρ/m) from V(root) = 0, ρ = 1 above a right end and −1 elsewhere. A node off every right path
 * takes m from its nearest ancestor on one.
 *
 * ReST-MCTS* (arXiv:2406.03816); THUDM/ReST-MCTS `get_full_value_samples_vm`, `get_all_value_samples_vm`. A right
 * end that another solution goes on from keeps m = 1.
 */
export function treeValues({ parent, correct }: StepForest, { value, distance, onPath }: NodeValues): void {
  const least = new Float64Array(parent.length).fill(Infinity);
  for (let i = parent.length - 1; i >= 0; i--) {
    if (correct[i] === 1) least[i] = 1;
    const above = parent[i]!;
    if (above >= 0) least[above] = Math.min(least[above]!, least[i]! + 1);
  }
  for (let i = 0; i < parent.length; i++) {
    const above = parent[i]!;
    onPath[i] = Number.isFinite(least[i]!) ? 1 : 0;
    distance[i] = onPath[i] === 1 ? least[i]! : above < 0 ? NaN : distance[above]!;
    if (above < 0) value[i] = onPath[i] === 1 ? 0 : NaN;
    else {
      const signed = onPath[i] === 1 ? 1 : -1;
      value[i] = Math.max(0, value[above]! + ((1 - value[above]!) * signed) / distance[i]!);
    }
  }
}

/**
 * Values from a single right end: depth / its depth along its route, and (depth of the parent − 1) / its depth, at least
 * 0, at the children beside the route; NaN at all other nodes. The last two as numerator and denominator.
 *
 * THUDM/ReST-MCTS `get_new_value_samples`.
 */
export function routeValues(
  parent: Int32Array,
  terminal: number,
  { value, numerator, length }: Readonly<Record<"value" | "numerator" | "length", Float64Array>>,
): void {
  const route = new Set<number>();
  for (let i = terminal; i >= 0; i = parent[i]!) route.add(i);
  const depth = new Int32Array(parent.length);
  for (let i = 0; i < parent.length; i++) {
    if (parent[i]! < 0) continue;
    depth[i] = depth[parent[i]!]! + 1;
    if (!route.has(parent[i]!)) continue;
    numerator[i] = route.has(i) ? depth[i]! : depth[i]! - 2;
    length[i] = route.size - 1;
    value[i] = Math.max(numerator[i]! / length[i]!, 0);
  }
}
