import { renderTrace, type RenderedTrace } from "../core/rollout/render.ts";
import type { Segmentation } from "../core/rollout/segment.ts";
import { tokenSourceOf, type Trajectory } from "../core/rollout/trajectory.ts";
import type { TraceView, TrajectoryRef } from "../protocol/store.ts";
import type { Loaded } from "./loadTrajectories.ts";
import type { Found } from "./openRoot.ts";

/** A loaded trajectory with its document. */
export interface Trace {
  readonly loaded: Loaded;
  readonly found: Found;
  readonly rendered: RenderedTrace;
  readonly view: TraceView;
}

export function makeTrace(
  ref: TrajectoryRef,
  found: Found,
  loaded: Loaded,
  segmentation: Segmentation | undefined,
): Trace {
  const { trajectory, issues } = loaded;
  const { file, row } = found.member;
  const { locator } = file.table.place(row);
  const { run } = found.batch.key;
  const rendered = renderTrace(
    trajectory,
    {
      run: run === ref.root ? fileName(ref.root) : run,
      index: found.index + 1,
      of: found.group.members.length,
      format: file.format!.id,
      place: `${fileName(file.path)}:${locator.line}`,
    },
    segmentation,
  );
  const view: TraceView = {
    ref,
    batch: found.batch.key,
    format: file.format!.id,
    text: rendered.text,
    lineCount: rendered.lineCount,
    headLines: rendered.headLines,
    turns: rendered.turns.map((turn, i) => {
      const { role, agent, name, trainable, reward, tokens } = trajectory.turns[i]!;
      return { ...turn, role, agent, name, trainable, reward, nTokens: tokens?.n ?? 0 };
    }),
    tokenSource: tokenSourceOf(trajectory),
    tokens: rendered.tokens,
    steps: rendered.steps,
    stepLabels: labelsOf(trajectory, rendered),
    reward: trajectory.reward,
    success: trajectory.success,
    line: locator.line,
    byte: locator.from,
    issues,
  };
  return { loaded, found, rendered, view };
}

function labelsOf({ turns }: Trajectory, rendered: RenderedTrace): Float64Array {
  const labels = new Float64Array(rendered.steps.length / 4).fill(NaN);
  rendered.turns.forEach(({ stepFrom, stepSource }, i) => {
    const logged = stepSource === "logged" ? turns[i]!.steps.columns.get("label") : undefined;
    if (logged !== undefined) labels.set(logged, stepFrom);
  });
  return labels;
}

function fileName(path: string): string {
  return path.replace(/[\\/]+$/, "").replace(/^.*[\\/]/, "");
}
