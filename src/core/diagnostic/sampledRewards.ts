import { matrixOf, type Matrix } from "../stats/singularValues.ts";
import { ridge } from "../stats/ridge.ts";
import { pearsonDistance } from "./rewardDistance.ts";

/** A transition that was seen, with what two rewards say of it. */
export interface RewardedTransition {
  readonly from: string;
  readonly to: string;
  readonly first: number;
  readonly second: number;
}

/** Distances of two rewards over logged transitions. */
export interface SampledDistance {
  /** √((1 − ρ) / 2) of the canonical rewards, 0 to 1. */
  readonly epic: number;
  /** Norm of the difference of the unit canonical rewards, 0 to 2. */
  readonly starc: number;
}

/** Small beside one transition: settles shapings that the log cannot tell apart. */
const penalty = 1e-9;
/** A rest below this share of the reward is rounding: the reward was shaping alone. */
const shapingAlone = 1e-6;

/**
 * Distances of two rewards where only logged transitions are known. The canonical reward is the one of smallest norm among
 * those that differ by shaping γΦ(s′) − Φ(s) (the minimal canonicalisation of STARC): the log's own transitions are its
 * weights, and nothing has to be known of transitions that were never seen. NaN where one reward is shaping alone.
 */
export function sampledDistance(transitions: readonly RewardedTransition[], gamma: number): SampledDistance {
  const shaping = shapingsOf(transitions, gamma);
  const a = withoutShaping(
    shaping,
    Float64Array.from(transitions, ({ first }) => first),
  );
  const b = withoutShaping(
    shaping,
    Float64Array.from(transitions, ({ second }) => second),
  );
  const [sizeA, sizeB] = [sizeOf(a), sizeOf(b)];
  return {
    epic: pearsonDistance(a, b, new Float64Array(a.length).fill(1)),
    starc: sizeOf(a.map((x, i) => x / sizeA - b[i]! / sizeB)),
  };
}

/** A column for each state's potential: γ where it is entered, −1 where it is left. */
function shapingsOf(transitions: readonly RewardedTransition[], gamma: number): Matrix {
  const states = [...new Set(transitions.flatMap(({ from, to }) => [from, to]))];
  const at = new Map(states.map((state, i) => [state, i]));
  return matrixOf(
    transitions.map(({ from, to }) => {
      const row = states.map(() => 0);
      row[at.get(to)!]! += gamma;
      row[at.get(from)!]! -= 1;
      return row;
    }),
  );
}

function withoutShaping(shaping: Matrix, reward: Float64Array): Float64Array {
  const potential = ridge(shaping, reward, penalty);
  const rest = reward.map((x, r) => {
    const row = shaping.values.subarray(r * shaping.columns, (r + 1) * shaping.columns);
    return x - row.reduce((sum, y, i) => sum + y * potential[i]!, 0);
  });
  return sizeOf(rest) <= shapingAlone * sizeOf(reward) ? rest.fill(NaN) : rest;
}

function sizeOf(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
}

/**
 * Where 95 of 100 distances lie when episodes are drawn anew with replacement; null without two episodes or a finite distance.
 * The draws are the same each time.
 */
export function bootstrap(
  episodes: readonly (readonly RewardedTransition[])[],
  resamples: number,
  distance: (transitions: readonly RewardedTransition[]) => number,
): readonly [number, number] | null {
  if (episodes.length < 2 || resamples < 1) return null;
  let seed = 0x2545f491;
  const draw = (): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * episodes.length);
  };
  const found = Array.from({ length: resamples }, () => distance(episodes.flatMap(() => episodes[draw()]!)))
    .filter((x) => !Number.isNaN(x))
    .toSorted((a, b) => a - b);
  if (found.length === 0) return null;
  const at = (q: number): number => found[Math.round(q * (found.length - 1))]!;
  return [at(0.025), at(0.975)];
}
