import type { BatchShape } from "../columns.ts";

/**
 * First turn of the joint step that each turn belongs to. Agents act one after the other in a joint step; a new one begins
 * where the state's key changes (a turn without a key stays in the step) or an agent acts again.
 */
export function jointSteps(
  { nRollouts, turns }: BatchShape,
  { state, agent }: { readonly state: Int32Array; readonly agent: Int32Array },
  first: Int32Array,
): void {
  const acted = new Set<number>();
  for (let r = 0; r < nRollouts; r++) {
    let begin = turns[r]!;
    let key = -1;
    acted.clear();
    for (let u = turns[r]!; u < turns[r + 1]!; u++) {
      const moved = state[u] !== -1 && key !== -1 && state[u] !== key;
      if (moved || acted.has(agent[u]!)) {
        begin = u;
        acted.clear();
        key = -1;
      }
      if (state[u] !== -1) key = state[u]!;
      acted.add(agent[u]!);
      first[u] = begin;
    }
  }
}

/** Turn after the last of each turn's joint step. */
export function jointEnds(first: Int32Array): Int32Array {
  const end = new Int32Array(first.length);
  for (let u = first.length - 1; u >= 0; u--)
    end[u] = u + 1 < first.length && first[u + 1] === first[u] ? end[u + 1]! : u + 1;
  return end;
}
