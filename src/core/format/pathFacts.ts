import type { Split } from "../rollout/trajectory.ts";

/** `…/step_12/…` → 12: the folder of a train step; the innermost counts. */
export function stepOfFolder(path: string): number | null {
  const digits = /.*(?:^|\/)step_(\d{1,15})\//s.exec(path)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** An `eval` or `evals` folder on the path, or a file that is named for evaluation. */
export function splitOfPath(path: string): Split {
  return /(?:^|\/)(?:evals?\/|eval_rollouts[^/]*$)/.test(path) ? "validation" : "train";
}
