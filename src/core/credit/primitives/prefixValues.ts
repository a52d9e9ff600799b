import type { BatchShape } from "../columns.ts";

/** Two 32-bit numbers as one exact key: a node of the level above and a token id. */
const idRange = 2 ** 32;

/**
 * Mean outcome of the group's rollouts that share each prefix, V(y≤t), for every position; V of the empty prefix is
 * the group's mean. Ids are compared by absolute position, masked ones too. At each depth the rollouts that share a
 * node are split by their next id; one that is alone there stays alone, so the rest of it is its own outcome.
 * O(positions) time; memory for as many nodes as the group has members.
 */
export function prefixValues(
  batch: BatchShape,
  { ids, outcome }: { readonly ids: Int32Array; readonly outcome: Float64Array },
  value: Float64Array,
): void {
  for (const members of groupMembers(batch)) valuesOfGroup(batch, members, { ids, outcome }, value);
}

function valuesOfGroup(
  { positions }: BatchShape,
  members: readonly number[],
  { ids, outcome }: { readonly ids: Int32Array; readonly outcome: Float64Array },
  value: Float64Array,
): void {
  const active = [...members];
  const node = active.map(() => 0);
  const sum = new Float64Array(members.length);
  const count = new Int32Array(members.length);
  const children = new Map<number, number>();
  for (let depth = 0; active.length > 0; depth++) {
    children.clear();
    let n = 0;
    for (let i = 0; i < active.length; i++) {
      const r = active[i]!;
      if (positions[r]! + depth >= positions[r + 1]!) continue;
      const key = node[i]! * idRange + (ids[positions[r]! + depth]! >>> 0);
      const child = children.get(key) ?? children.size;
      if (child === children.size) {
        children.set(key, child);
        sum[child] = count[child] = 0;
      }
      active[n] = r;
      node[n++] = child;
      sum[child]! += outcome[r]!;
      count[child]!++;
    }
    let left = 0;
    for (let i = 0; i < n; i++) {
      const r = active[i]!;
      const at = positions[r]! + depth;
      if (count[node[i]!] === 1) {
        value.fill(outcome[r]!, at, positions[r + 1]);
        continue;
      }
      value[at] = sum[node[i]!]! / count[node[i]!]!;
      active[left] = r;
      node[left++] = node[i]!;
    }
    active.length = node.length = left;
  }
}

function groupMembers({ group, nGroups }: BatchShape): number[][] {
  const members: number[][] = Array.from({ length: nGroups }, () => []);
  group.forEach((g, r) => members[g]!.push(r));
  return members;
}
