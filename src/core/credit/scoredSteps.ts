import type { Positions } from "../rollout/positions.ts";
import { stepOfToken } from "../rollout/tokenPlaces.ts";
import type { Trajectory } from "../rollout/trajectory.ts";

/** A step that has a score: where it stands in its trajectory and in the rollout's positions. */
export interface ScoredStep {
  readonly turn: number;
  /** Index in the turn's steps. */
  readonly step: number;
  readonly reward: number;
  /** Last position of the step, −1 without tokens. */
  readonly end: number;
  /** Number of its trained tokens. */
  readonly tokens: number;
}

/**
 * Steps of the trainable turns that have a number in `column`, in order; null where none has.
 * @param positions null where the trajectory's tokens are not complete: steps then have no end
 */
export function scoredSteps(
  { turns }: Trajectory,
  positions: Positions | null,
  column: string,
): readonly ScoredStep[] | null {
  const scored: ScoredStep[] = [];
  turns.forEach(({ steps, trainable, tokens }, turn) => {
    const rewards = steps.columns.get(column);
    if (rewards === undefined || !trainable) return;
    const end = new Int32Array(steps.n).fill(-1);
    const trained = new Int32Array(steps.n);
    if (tokens !== null && positions !== null) {
      for (let p = positions.first[turn]!; p < positions.first[turn + 1]!; p++) {
        const step = stepOfToken(tokens, positions.token[p]!, steps);
        if (step < 0) continue;
        end[step] = p;
        trained[step]! += positions.mask[p]!;
      }
    }
    rewards.forEach((reward, step) => {
      if (Number.isFinite(reward))
        scored.push({ turn, step, reward, end: end[step]!, tokens: trained[step]! });
    });
  });
  return scored.length > 0 ? scored : null;
}
