import { stepOfToken } from "../core/rollout/tokenPlaces.ts";
import type { Segmentation } from "../core/rollout/segment.ts";
import { stepsOf } from "../core/rollout/segment.ts";
import type { StepSpans } from "../core/rollout/stepSpans.ts";
import type { Turn } from "../core/rollout/trajectory.ts";

/** Process reward of each step of a turn: the log's, else the first scorer's; NaN where there is none. */
export function processRewards(steps: StepSpans): Float64Array {
  const logged = steps.columns.get("reward");
  if (logged !== undefined) return logged;
  for (const [name, column] of steps.columns) if (name.startsWith("prm@")) return column;
  return new Float64Array(steps.n).fill(NaN);
}

/** Mean of a token column over each step of a turn, of the numbers that are there. */
export function stepMeans(
  turn: Turn,
  column: Float64Array,
  segmentation: Segmentation | undefined,
): Float64Array {
  const steps = stepsOf(turn, segmentation);
  const sum = new Float64Array(steps.n);
  const count = new Int32Array(steps.n);
  for (let t = 0; t < column.length; t++) {
    if (Number.isNaN(column[t]!)) continue;
    const k = stepOfToken(turn.tokens!, t, steps);
    if (k < 0) continue;
    sum[k]! += column[t]!;
    count[k]!++;
  }
  return sum.map((total, k) => (count[k] === 0 ? NaN : total / count[k]!));
}
