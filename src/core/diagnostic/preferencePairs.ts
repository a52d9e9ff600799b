import type { Trajectory } from "../rollout/trajectory.ts";
import { groupsOf } from "./batchScope.ts";
import type { MeasuredBatch } from "./diagnostic.ts";
import { fieldOf, numbersIn } from "./loggedFields.ts";

/** A pair of a chosen and a rejected response under several reward models or judges. */
export interface PreferencePair {
  /** The rollout that holds the pair, or the chosen one of a group. */
  readonly trajectory: Trajectory;
  /** Id of the rejected rollout; null where one rollout holds both. */
  readonly rejected: string | null;
  /** Score of the chosen minus that of the rejected response, one a model. */
  readonly margins: readonly number[];
}

export interface Strength {
  readonly mean: number;
  /** Unbiased; NaN of one model. */
  readonly std: number;
  /** Share of the models that prefer the chosen response. */
  readonly agreement: number;
}

/** Preference strength of a pair: mean and spread of its margins over the models (Secrets of RLHF II). */
export function strengthOf(margins: readonly number[]): Strength {
  const n = margins.length;
  const mean = margins.reduce((sum, x) => sum + x, 0) / n;
  const squares = margins.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return {
    mean,
    std: n < 2 ? NaN : Math.sqrt(squares / (n - 1)),
    agreement: margins.filter((x) => x > 0).length / n,
  };
}

/** −log(σ(margin) + 1e-5): the reward-model loss of the release. */
export function preferenceLoss(margin: number): number {
  return -Math.log(1 / (1 + Math.exp(-margin)) + 1e-5);
}

/** What to do with a pair: swap its labels, soften them, or train on it as it is. */
export type PairAdvice = "flip" | "soft" | "keep";

/**
 * Advice by strength: of the weakest share of the pairs those below 0 are flipped; where the mean is within `ambiguous` of
 * 0 the label is softened; the rest is kept, its mean being the margin.
 */
export function adviceOf(
  means: readonly number[],
  { flipShare, ambiguous }: { readonly flipShare: number; readonly ambiguous: number },
): readonly PairAdvice[] {
  const order = means.map((_, i) => i).toSorted((a, b) => means[a]! - means[b]!);
  const weakest = new Set(order.slice(0, Math.ceil(flipShare * means.length)));
  return means.map((mean, i) => {
    if (weakest.has(i) && mean < 0) return "flip";
    return Math.abs(mean) <= ambiguous || mean < 0 ? "soft" : "keep";
  });
}

/**
 * Pairs of a batch: rollouts with `chosen_scores` and `rejected_scores` (a number a model each), else of each group whose
 * rollouts have `judge_scores` the best against the worst by their means.
 */
export function pairsOf(batch: MeasuredBatch): readonly PreferencePair[] {
  const own = batch.members.flatMap(({ trajectory }) => {
    const chosen = numbersIn(fieldOf(trajectory, "chosen_scores"));
    const rejected = numbersIn(fieldOf(trajectory, "rejected_scores"));
    const margins = chosen === null || rejected === null ? null : marginsOf(chosen, rejected);
    return margins === null ? [] : [{ trajectory, rejected: null, margins }];
  });
  return own.length > 0 ? own : groupsOf(batch).flatMap(pairOfGroup);
}

function pairOfGroup(group: readonly Trajectory[]): readonly PreferencePair[] {
  const judged = group
    .flatMap((trajectory) => {
      const scores = numbersIn(fieldOf(trajectory, "judge_scores"));
      return scores === null ? [] : [{ trajectory, scores, mean: strengthOf(scores).mean }];
    })
    .toSorted((a, b) => b.mean - a.mean);
  const [best, worst] = [judged[0], judged.at(-1)];
  if (best === undefined || worst === undefined || judged.length < 2) return [];
  const margins = marginsOf(best.scores, worst.scores);
  return margins === null ? [] : [{ trajectory: best.trajectory, rejected: worst.trajectory.id, margins }];
}

/** null where the lists differ in length or lack a number. */
function marginsOf(chosen: readonly number[], rejected: readonly number[]): readonly number[] | null {
  if (chosen.length !== rejected.length) return null;
  const margins = chosen.map((score, m) => score - rejected[m]!);
  return margins.every(Number.isFinite) ? margins : null;
}
