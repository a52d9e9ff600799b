import type { BatchShape } from "../columns.ts";

/** What a return is spread over: the steps of a rollout, or its turns. */
export const units = ["step", "turn"] as const;
export type Unit = (typeof units)[number];

/** Offsets of each rollout's units: its steps or its turns. */
export function unitOffsets(batch: BatchShape, unit: Unit): Int32Array {
  return unit === "step" ? batch.steps : batch.turns;
}

/** Trained tokens of each unit. */
export function unitTokens({ stepTokens, turnFrom, turnTo, mask }: BatchShape, unit: Unit): Float64Array {
  if (unit === "step") return Float64Array.from(stepTokens);
  return Float64Array.from(turnFrom, (from, u) => {
    let n = 0;
    for (let t = from; t < turnTo[u]!; t++) n += mask[t]!;
    return n;
  });
}

/** A number of each unit at its steps. */
export function atSteps({ stepTurn }: BatchShape, x: Float64Array, unit: Unit, out: Float64Array): void {
  if (unit === "step") out.set(x);
  else for (let k = 0; k < out.length; k++) out[k] = x[stepTurn[k]!]!;
}
