import type { Positions } from "../rollout/positions.ts";
import type { StepSpans } from "../rollout/stepSpans.ts";
import { stepOfToken } from "../rollout/tokenPlaces.ts";
import type { Trajectory, Turn } from "../rollout/trajectory.ts";

/** A step that a method reads: where it stands in its trajectory and in the rollout's positions. */
export interface BatchStep {
  readonly turn: number;
  /** Index in the turn's steps. */
  readonly step: number;
  /** Last position of the step, −1 without tokens. */
  readonly end: number;
  /** Number of its trained tokens. */
  readonly tokens: number;
}

/**
 * Steps of the trainable turns that are wanted, in order.
 * @param positions null where the trajectory's tokens are not complete: steps then have no end
 */
export function batchSteps(
  { turns }: Trajectory,
  positions: Positions | null,
  stepsOf: (turn: Turn) => StepSpans,
  isWanted: (steps: StepSpans, step: number) => boolean,
): readonly BatchStep[] {
  const found: BatchStep[] = [];
  turns.forEach((turn, i) => {
    if (!turn.trainable) return;
    const steps = stepsOf(turn);
    const wanted = Array.from({ length: steps.n }, (_, k) => isWanted(steps, k));
    if (!wanted.includes(true)) return;
    const { tokens } = turn;
    const end = new Int32Array(steps.n).fill(-1);
    const trained = new Int32Array(steps.n);
    if (tokens !== null && positions !== null) {
      for (let p = positions.first[i]!; p < positions.first[i + 1]!; p++) {
        const step = stepOfToken(tokens, positions.token[p]!, steps);
        if (step < 0) continue;
        end[step] = p;
        trained[step]! += positions.mask[p]!;
      }
    }
    wanted.forEach((is, step) => {
      if (is) found.push({ turn: i, step, end: end[step]!, tokens: trained[step]! });
    });
  });
  return found;
}
