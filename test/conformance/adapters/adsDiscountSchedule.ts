import {
  type CostMatrix,
  longestIncreasing,
  matchScore,
  type ScheduleOptions,
  type ScheduleUpdate,
  startProgress,
  updateSchedule,
} from "../../../src/core/diagnostic/discountSchedule.ts";
import type { Adapter, Inputs } from "../adapter.ts";

export const adsDiscountSchedule: Adapter = {
  file: "ads_discount_schedule",
  values: (inputs) =>
    "sequence" in inputs
      ? { length: longestIncreasing(inputs["sequence"] as readonly number[]) }
      : { updates: updatesOf(inputs) },
};

/** The updates of the official code in order, each over the matrices of all demonstrations. */
function updatesOf(inputs: Inputs): readonly ScheduleUpdate[] {
  const options: ScheduleOptions = {
    horizon: inputs["horizon"] as number,
    alpha: inputs["alpha"] as number,
    threshold: inputs["threshold"] as number,
    progressStart: inputs["progress_start"] as number,
    maxProgressDelta: inputs["max_progress_delta"] as number,
    agentScorePercentile: inputs["agent_score_percentile"] as number,
  };
  let progress = startProgress(options);
  if (progress < 1) throw new Error("no step to compare");
  return (inputs["cost_matrices_per_update"] as readonly (readonly CostMatrix[])[]).map((costs) => {
    const scores = (p: number): Float64Array => Float64Array.from(costs, (cost) => matchScore(cost, p));
    const update = updateSchedule(progress, scores, inputs["ref_score"] as readonly number[], options);
    progress = update.progress;
    return update;
  });
}
