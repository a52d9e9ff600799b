import type { StepSpans } from "../rollout/stepSpans.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import { columnOf } from "./attachScores.ts";
import type { ModelManifest } from "./modelManifest.ts";

/**
 * A scored trajectory as a log of its own: steps that were segmented become logged ones, a process reward fills
 * `reward` of steps where the log has none, and `signals` says where the numbers come from.
 */
export function asLogged(trajectory: Trajectory, manifest: ModelManifest): Trajectory {
  const column = columnOf(manifest);
  const source = `scorer:${manifest.id}`;
  const turns = trajectory.turns.map((turn) =>
    turn.steps.columns.has(column) ? { ...turn, steps: withReward(turn.steps, column) } : turn,
  );
  const isScored = turns.some(
    ({ steps, tokens }) => steps.columns.has(column) || tokens?.columns.has(column),
  );
  if (!isScored) return trajectory;
  const signals = new Map(trajectory.signals);
  const level = manifest.read.at === "mark" ? "step" : "token";
  signals.set(column, {
    source,
    level,
    model: manifest.id,
    ...(manifest.range === null ? {} : { range: manifest.range }),
  });
  if (turns.some(({ tokens }) => tokens?.scorer === manifest.id))
    signals.set("tokens", { source, level: "token" });
  return { ...trajectory, turns, signals };
}

function withReward(steps: StepSpans, column: string): StepSpans {
  const columns = new Map(steps.columns);
  if (column.startsWith("prm@") && !columns.has("reward")) columns.set("reward", columns.get(column)!);
  return { ...steps, columns, source: "logged" };
}
