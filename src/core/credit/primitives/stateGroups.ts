import { isAlike } from "../../stats/sequenceRatio.ts";
import type { BatchShape } from "../columns.ts";

/** Rollout of each turn. */
export function rolloutOfTurns({ nRollouts, turns }: BatchShape): Int32Array {
  const rollout = new Int32Array(turns[nRollouts]!);
  for (let r = 0; r < nRollouts; r++) rollout.fill(r, turns[r], turns[r + 1]);
  return rollout;
}

/**
 * Turns of the same group of rollouts that answer the same state, as equal numbers from 0 in the order of the log; −1 for a
 * turn without a state. States of different groups are never merged. Returns the number of groups.
 */
export function stateGroups(batch: BatchShape, state: Int32Array, out: Int32Array): number {
  const groups = new Map<string, number>();
  const rollout = rolloutOfTurns(batch);
  for (let u = 0; u < out.length; u++) {
    if (state[u]! < 0) {
      out[u] = -1;
      continue;
    }
    const key = `${batch.group[rollout[u]!]!} ${state[u]!}`;
    const known = groups.get(key) ?? groups.size;
    groups.set(key, known);
    out[u] = known;
  }
  return groups.size;
}

/**
 * The same for states that are nearly equal: a turn joins the first group of the log whose first state is alike
 * (`sequenceRatio` ≥ `least`), else it begins one; so the order of the log matters. verl-agent `build_step_group`.
 */
export function similarStateGroups(
  batch: BatchShape,
  text: readonly (string | null)[],
  least: number,
  out: Int32Array,
): number {
  const first: string[][] = Array.from({ length: batch.nGroups }, () => []);
  const numbers: number[][] = Array.from({ length: batch.nGroups }, () => []);
  const rollout = rolloutOfTurns(batch);
  let n = 0;
  for (let u = 0; u < out.length; u++) {
    const own = text[u]!;
    const group = batch.group[rollout[u]!]!;
    if (own === null) {
      out[u] = -1;
      continue;
    }
    let at = first[group]!.findIndex((known) => isAlike(own, known, least));
    if (at < 0) {
      at = first[group]!.push(own) - 1;
      numbers[group]!.push(n++);
    }
    out[u] = numbers[group]![at]!;
  }
  return n;
}
