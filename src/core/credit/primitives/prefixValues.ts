import type { BatchShape } from "../columns.ts";

/** Two 32-bit numbers as one exact key: a node of the level above and a token id. */
const idRange = 2 ** 32;

/**
 * Mean outcome of the group's rollouts that share each prefix, V(y≤t), for every position; V of the empty prefix is
 * the group's mean. Ids are compared by absolute position, masked ones too. One pass over the positions of a
 * group: at each depth the rollouts that share a node are split by their next id.
 */
export function prefixValues(
  batch: BatchShape,
  { ids, outcome }: { readonly ids: Int32Array; readonly outcome: Float64Array },
  value: Float64Array,
): void {
  for (const members of groupMembers(batch)) valuesOfGroup(batch, members, ids, outcome, value);
}

function valuesOfGroup(
  { positions }: BatchShape,
  members: readonly number[],
  ids: Int32Array,
  outcome: Float64Array,
  value: Float64Array,
): void {
  let active = members;
  const node = new Map<number, number>(members.map((r) => [r, 0]));
  for (let depth = 0; active.length > 0; depth++) {
    active = active.filter((r) => positions[r]! + depth < positions[r + 1]!);
    const children = new Map<number, number>();
    const sum: number[] = [];
    const count: number[] = [];
    for (const r of active) {
      const key = node.get(r)! * idRange + (ids[positions[r]! + depth]! >>> 0);
      let child = children.get(key);
      if (child === undefined) {
        children.set(key, (child = sum.length));
        sum.push(0);
        count.push(0);
      }
      node.set(r, child);
      sum[child]! += outcome[r]!;
      count[child]!++;
    }
    for (const r of active) value[positions[r]! + depth] = sum[node.get(r)!]! / count[node.get(r)!]!;
  }
}

function groupMembers({ group, nGroups }: BatchShape): number[][] {
  const members: number[][] = Array.from({ length: nGroups }, () => []);
  group.forEach((g, r) => members[g]!.push(r));
  return members;
}
