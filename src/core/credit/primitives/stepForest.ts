import type { BatchShape } from "../columns.ts";
import type { StepForest } from "./treeValues.ts";

export interface BatchForest extends StepForest {
  /** Length K: the node that each step leads to. */
  readonly nodeOf: Int32Array;
  /** Length R: the node a rollout ends at, its group's root where it has no steps. */
  readonly endOf: Int32Array;
}

/**
 * The group's rollouts as a tree: rollouts share a node as long as their steps' keys are equal from the first on. A root a
 * group; an end is right where one of the rollouts that end there is.
 * @param key length K: equal numbers, equal steps
 * @param right length R: 1 = the rollout's outcome is right
 */
export function stepForest(
  { nRollouts, steps, group, nGroups }: BatchShape,
  key: Int32Array | Float64Array,
  right: Float64Array,
): BatchForest {
  const parent: number[] = Array.from({ length: nGroups }, () => -1);
  const children: Map<number, number>[] = Array.from({ length: nGroups }, () => new Map());
  const nodeOf = new Int32Array(key.length);
  const endOf = new Int32Array(nRollouts);
  for (let r = 0; r < nRollouts; r++) {
    let node = group[r]!;
    for (let k = steps[r]!; k < steps[r + 1]!; k++) {
      let child = children[node]!.get(key[k]!);
      if (child === undefined) {
        child = parent.push(node) - 1;
        children.push(new Map());
        children[node]!.set(key[k]!, child);
      }
      nodeOf[k] = node = child;
    }
    endOf[r] = node;
  }
  const correct = new Uint8Array(parent.length);
  for (let r = 0; r < nRollouts; r++) if (right[r] === 1) correct[endOf[r]!] = 1;
  return { parent: Int32Array.from(parent), correct, nodeOf, endOf };
}
