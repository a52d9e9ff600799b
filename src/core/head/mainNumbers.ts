import type { Segmentation } from "../rollout/segment.ts";
import type { Trajectory, Turn } from "../rollout/trajectory.ts";
import { attachScores } from "./attachScores.ts";
import type { PartScores } from "./scoredColumns.ts";
import type { Scorer } from "./scorer.ts";
import type { PartPlace } from "./scoreText.ts";

/**
 * A scorer's main column of one trajectory, as it stands beside what the log holds: a number a step, token or turn of each
 * turn, or one for the whole. NaN where the scorer says nothing. Scorers of one model give equally many.
 */
export function mainNumbers(
  trajectory: Trajectory,
  places: readonly PartPlace[],
  scores: PartScores,
  of: { readonly scorer: Scorer; readonly segmentation: Segmentation | undefined },
): Float64Array {
  const [main] = of.scorer.columns;
  const scored = attachScores(trajectory, places, scores, of);
  const name = `${main!.name}@${of.scorer.id}`;
  if (main!.level === "trajectory") return Float64Array.of(numberIn(scored.extra, name));
  const numbers = scored.turns.flatMap((turn): readonly number[] => {
    if (main!.level === "turn") return [numberIn(turn.extra, name)];
    return column(main!.level === "step" ? turn.steps : turn.tokens, name);
  });
  return Float64Array.from(numbers);
}

function column(spans: Turn["steps"] | Turn["tokens"], name: string): readonly number[] {
  if (spans === null) return [];
  return Array.from({ length: spans.n }, (_, i) => spans.columns.get(name)?.[i] ?? NaN);
}

function numberIn(extra: ReadonlyMap<string, unknown>, name: string): number {
  const value = extra.get(name);
  return typeof value === "number" ? value : NaN;
}
