import { type Segmentation, stepsOf } from "../rollout/segment.ts";
import type { StepSpans } from "../rollout/stepSpans.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import type { ModelManifest } from "./modelManifest.ts";

/** A span of a trajectory's text as a model reads it. */
export interface ScorePart {
  /** `step` and `turn` are scored; `other` is only read. */
  readonly kind: "step" | "turn" | "other";
  readonly turn: number;
  /** Index in the turn's steps; −1 for what is no step. */
  readonly step: number;
  /** Half-open span of the turn's content, UTF-16. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** All of a trajectory that a model reads. */
export interface ScoreText {
  readonly prompt: string;
  readonly parts: readonly ScorePart[];
}

/**
 * What a model reads of a trajectory: the words before the policy's first turn (a system's left out, as process reward
 * models are trained without it), then its steps, or whole turns, with what others said between. An empty step has
 * nothing to judge and is left out.
 */
export function scoreTextOf(
  trajectory: Trajectory,
  { template }: Pick<ModelManifest, "template">,
  segmentation: Segmentation | undefined,
): ScoreText {
  const { turns } = trajectory;
  const first = turns.findIndex(({ trainable }) => trainable);
  if (first < 0) return { prompt: "", parts: [] };
  const before = turns.slice(0, first).filter(({ role }) => role !== "system");
  const prompt = before.map(({ content }) => content).join("\n\n");
  const parts = turns.slice(first).flatMap((turn, i): readonly ScorePart[] => {
    const whole = { turn: first + i, step: -1, from: 0, to: turn.content.length, text: turn.content };
    if (turn.content === "") return [];
    if (!turn.trainable) return [{ kind: "other", ...whole }];
    if (template.eachStep === null) return [{ kind: "turn", ...whole }];
    return stepParts(turn.content, first + i, stepsOf(turn, segmentation));
  });
  return { prompt, parts };
}

function stepParts(content: string, turn: number, steps: StepSpans): readonly ScorePart[] {
  return Array.from(steps.start, (from, step): ScorePart => {
    const to = steps.end[step]!;
    return { kind: "step", turn, step, from, to, text: content.slice(from, to) };
  }).filter(({ text }) => text.trim() !== "");
}
