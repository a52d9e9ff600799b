import type { Trajectory } from "../../rollout/trajectory.ts";
import { rolloutScope } from "../batchScope.ts";
import { diagnostic, type Measurement } from "../diagnostic.ts";
import { loggedNumber, loggedNumbers, responseOf } from "../loggedFields.ts";
import { rankedIds, repeatedIds, rerankFormat, rerankScore } from "../rerank.ts";

/** MM-R5's rewards of a reranker, recomputed from its answer. */
export const rerankReward = diagnostic({
  id: "rerankReward",
  label: "Rerank reward",
  doc: "Rank and format reward of a reranker's `<answer>[…]</answer>`, from `positive_ids` and `total`. Ids that stand there twice are marked: they fill the list and the rank part does not mind.",
  paper: "https://arxiv.org/abs/2506.12364",
  status: "code",
  scope: "rollout",
  needs: ["trajectory.positive_ids", "trajectory.total"],
  params: {
    rankWeight: { kind: "number", default: 1, doc: "weight of the rank part" },
    formatWeight: { kind: "number", default: 1, doc: "weight of the format part" },
  },
  presets: { "released:mmr5": {} },
  measure: (weights) => ({
    batch: (batch) =>
      batch.members.map(({ trajectory }) => ({
        scope: rolloutScope(batch, trajectory),
        ...rewardOf(trajectory, weights),
      })),
    end: () => [],
  }),
});

function rewardOf(
  trajectory: Trajectory,
  { rankWeight, formatWeight }: { readonly rankWeight: number; readonly formatWeight: number },
): Omit<Measurement, "scope"> {
  const positives = loggedNumbers(trajectory, "positive_ids");
  const total = loggedNumber(trajectory, "total");
  const response = responseOf(trajectory);
  const missing = [
    ...(positives === null ? ["trajectory.positive_ids"] : []),
    ...(Number.isNaN(total) ? ["trajectory.total"] : []),
    ...(response === null ? ["turn.content"] : []),
  ];
  if (positives === null || response === null || missing.length > 0)
    return { value: NaN, evidence: {}, missing };
  const rank = rerankScore(response, { positives });
  const format = rerankFormat(response, { total });
  const ids = rankedIds(response) ?? [];
  const repeated = repeatedIds(ids);
  return {
    value: rankWeight * rank + formatWeight * format,
    evidence: { rank, format, ids, repeated, logged: trajectory.reward },
    alarm: repeated.length > 0,
  };
}
