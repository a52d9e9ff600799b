import { scopeOf } from "../batchScope.ts";
import { diagnostic, type MeasuredBatch, type Measurement } from "../diagnostic.ts";
import { pairsOf, preferenceLoss } from "../preferencePairs.ts";
import { lackingOf } from "../lacking.ts";

/** Pairs as two reward models hand them to each other. */
export interface PeerReview {
  /** Indices of the pairs with the smallest losses of each model: what it hands to the other one. */
  readonly handed: readonly [readonly number[], readonly number[]];
  /** Indices of pairs that neither hands over. */
  readonly rejectedByBoth: readonly number[];
  /** Indices of pairs that only one hands over. */
  readonly disputed: readonly number[];
  /** Indices of all pairs from the largest mean margin on: easy ones first. */
  readonly curriculum: readonly number[];
}

/** Each model hands over the share 1 − noise of the pairs, those with its smallest losses; ties in log order. (CRM) */
export function peerReview(margins: readonly (readonly [number, number])[], noise: number): PeerReview {
  const all = margins.map((_, i) => i);
  const kept = Math.round((1 - noise) * margins.length);
  const handedBy = (model: 0 | 1): readonly number[] =>
    all
      .toSorted((a, b) => preferenceLoss(margins[a]![model]) - preferenceLoss(margins[b]![model]))
      .slice(0, kept)
      .toSorted((a, b) => a - b);
  const handed = [handedBy(0), handedBy(1)] as const;
  const sets = handed.map((own) => new Set(own));
  const votes = (i: number): number => sets.filter((own) => own.has(i)).length;
  const mean = (i: number): number => (margins[i]![0] + margins[i]![1]) / 2;
  return {
    handed,
    rejectedByBoth: all.filter((i) => votes(i) === 0),
    disputed: all.filter((i) => votes(i) === 1),
    curriculum: all.toSorted((a, b) => mean(b) - mean(a)),
  };
}

/** Two reward models that filter each other's pairs. */
export const collaborativeReward = diagnostic({
  id: "collaborativeReward",
  label: "Collaborative reward models",
  doc: "Share of the preference pairs that two reward models both hold for noise: each hands the other only those with its smallest losses. Pairs that only one rejects are listed, and the order of a curriculum by margin. Reads the first two numbers of `chosen_scores` and `rejected_scores`.",
  paper: "https://arxiv.org/abs/2505.10597",
  status: "text",
  scope: "batch",
  needs: ["trajectory.chosen_scores", "trajectory.rejected_scores"],
  params: {
    noise: { kind: "number", default: 0.2, min: 0, max: 1, doc: "share of the pairs that is held for noise" },
  },
  presets: { default: {} },
  measure: ({ noise }) => ({ batch: (batch) => [measureBatch(batch, noise)], end: () => [] }),
});

function measureBatch(batch: MeasuredBatch, noise: number): Measurement {
  const scope = scopeOf(batch);
  const pairs = pairsOf(batch).filter(({ margins }) => margins.length >= 2);
  if (pairs.length === 0) {
    const missing = lackingOf(batch.members, ["trajectory.chosen_scores", "trajectory.rejected_scores"]);
    return { scope, value: NaN, evidence: {}, missing };
  }
  const review = peerReview(
    pairs.map(({ margins }) => [margins[0]!, margins[1]!]),
    noise,
  );
  const idsOf = (indices: readonly number[]): readonly string[] =>
    indices.map((i) => pairs[i]!.trajectory.id).slice(0, 20);
  return {
    scope,
    value: review.rejectedByBoth.length / pairs.length,
    evidence: {
      pairs: pairs.length,
      rejected_by_both: idsOf(review.rejectedByBoth),
      disputed: idsOf(review.disputed),
      handed_by_first: review.handed[0].length,
      curriculum: idsOf(review.curriculum),
    },
  };
}
