import type { BatchShape } from "../columns.ts";

/** Turns that stand at a branch: `key` is the number of the branch point they begin at, −1 = the turn is at none. */
export interface Branches {
  readonly key: Int32Array;
  readonly nKeys: number;
  /** The number of the branch a turn takes: turns of equal numbers are the same turn. */
  readonly branch: Int32Array;
}

/**
 * Branch points by shared paths: the turns at which rollouts of a group, and of the same `seed` where it is logged, part that
 * came the same way so far.
 * @param path length U: equal numbers = the same turns up to here
 */
export function branchesByPath(batch: BatchShape, path: Int32Array, seed: Float64Array | null): Branches {
  const { nRollouts, turns, group } = batch;
  const points = new Map<string, { branches: Set<number>; turns: number[] }>();
  for (let r = 0; r < nRollouts; r++) {
    for (let u = turns[r]!; u < turns[r + 1]!; u++) {
      const key = `${group[r]!} ${seed?.[r] ?? NaN} ${u === turns[r]! ? -1 : path[u - 1]!}`;
      let point = points.get(key);
      if (point === undefined) points.set(key, (point = { branches: new Set(), turns: [] }));
      point.branches.add(path[u]!);
      point.turns.push(u);
    }
  }
  const key = new Int32Array(path.length).fill(-1);
  const real = [...points.values()].filter(({ branches }) => branches.size > 1);
  real.forEach((point, k) => point.turns.forEach((u) => (key[u] = k)));
  return { key, nKeys: real.length, branch: path };
}

/**
 * Branch points as logged: the turns with `marked` 1 of the rollouts of a group with the same `seed` (rollouts without one
 * share one), and, by `step`, only those of the same place in their rollout.
 */
export function branchesByMark(
  { nRollouts, turns, group }: BatchShape,
  marked: Float64Array,
  { seed, byStep }: { readonly seed: Float64Array | null; readonly byStep: boolean },
): Branches {
  const points = new Map<string, number>();
  const key = new Int32Array(marked.length).fill(-1);
  for (let r = 0; r < nRollouts; r++) {
    for (let u = turns[r]!; u < turns[r + 1]!; u++) {
      if (marked[u] !== 1) continue;
      const name = `${group[r]!} ${seed?.[r] ?? NaN} ${byStep ? u - turns[r]! : ""}`;
      const number = points.get(name) ?? points.size;
      points.set(name, number);
      key[u] = number;
    }
  }
  return { key, nKeys: points.size, branch: Int32Array.from(marked, (_, u) => u) };
}

/** Mean outcome of the rollouts behind each turn's branch, for each turn at a branch point; NaN elsewhere. */
export function branchValues({ key, branch }: Branches, outcome: Float64Array, out: Float64Array): void {
  const sums = new Map<string, { sum: number; n: number }>();
  const nameOf = (u: number): string => `${key[u]!} ${branch[u]!}`;
  key.forEach((k, u) => {
    if (k < 0) return;
    const known = sums.get(nameOf(u)) ?? { sum: 0, n: 0 };
    sums.set(nameOf(u), { sum: known.sum + outcome[u]!, n: known.n + 1 });
  });
  key.forEach((k, u) => {
    const known = sums.get(nameOf(u));
    out[u] = k < 0 || known === undefined ? NaN : known.sum / known.n;
  });
}

/** Weight of each turn, its noise divided by the mean noise of its rollout's turns: 1 on average. All 1 where there is none. */
export function noiseWeights(
  { nRollouts, turns }: BatchShape,
  noise: Float64Array,
  weight: Float64Array,
): void {
  for (let r = 0; r < nRollouts; r++) {
    const [from, to] = [turns[r]!, turns[r + 1]!];
    let sum = 0;
    for (let u = from; u < to; u++) sum += noise[u]!;
    for (let u = from; u < to; u++) weight[u] = sum === 0 ? 1 : (noise[u]! * (to - from)) / sum;
  }
}
