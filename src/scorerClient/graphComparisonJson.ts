import { verdictOf } from "../core/head/scoreAgreement.ts";
import type { GraphComparison } from "../protocol/graphComparison.ts";

/** A line a graph that was held against the model's own one (schemas/cli/graphs.schema.json). NaN stands as null. */
export function graphComparisonJson({
  folder,
  column,
  level,
  rollouts,
  of,
  own,
  others,
}: GraphComparison): readonly Record<string, unknown>[] {
  return others.map(({ graph, path, id, device, tokensPerSecond, agreement, problem }) => {
    const verdict = agreement === null ? null : verdictOf(agreement);
    return {
      folder,
      graph,
      path,
      exact: own.graph,
      column: `${column}@${own.id}`,
      id,
      level,
      rollouts,
      rollouts_of_log: of,
      compared: agreement?.compared ?? null,
      only_exact: agreement?.onlyExact ?? null,
      only_other: agreement?.onlyOther ?? null,
      mean_difference: agreement?.meanDifference ?? null,
      largest_difference: agreement?.largestDifference ?? null,
      spread: agreement?.spread ?? null,
      boundary: agreement?.boundary ?? null,
      boundary_from: agreement?.boundaryFrom ?? null,
      crossed: agreement?.crossed ?? null,
      rank_correlation: agreement?.rankCorrelation ?? null,
      device,
      exact_device: own.device,
      tokens_per_second: tokensPerSecond,
      exact_tokens_per_second: own.tokensPerSecond,
      holds: verdict?.holds ?? null,
      reason: verdict?.reason ?? null,
      problem,
    };
  });
}
