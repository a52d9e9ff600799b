import type { BatchMember } from "../../../src/core/credit/batchCredit.ts";
import type { StepSpans } from "../../../src/core/rollout/stepSpans.ts";
import { noSteps } from "../../../src/core/rollout/stepSpans.ts";
import { textTrajectory, textTurn } from "../../../src/core/rollout/textTrajectory.ts";
import type { TokenColumns } from "../../../src/core/rollout/tokenColumns.ts";
import type { Trajectory, Turn } from "../../../src/core/rollout/trajectory.ts";

/** A turn of one-character tokens, with columns. */
export function turnOf(
  role: string,
  n: number,
  fields: {
    mask?: number[];
    ids?: number[];
    columns?: Record<string, number[]>;
    steps?: [number, number, number][];
    reward?: number;
  } = {},
): Turn {
  const tokens: TokenColumns = {
    n,
    start: Int32Array.from({ length: n }, (_, t) => t),
    end: Int32Array.from({ length: n }, (_, t) => t + 1),
    ids: fields.ids === undefined ? null : Int32Array.from(fields.ids),
    mask: Uint8Array.from(fields.mask ?? Array.from({ length: n }, () => (role === "assistant" ? 1 : 0))),
    maskLogged: fields.mask !== undefined,
    columns: new Map(
      Object.entries(fields.columns ?? {}).map(([name, values]) => [name, Float64Array.from(values)]),
    ),
    extra: new Map(),
    spanSource: "offsets",
  };
  return {
    ...textTurn(role, "x".repeat(n), -1),
    tokens,
    reward: fields.reward ?? NaN,
    steps: stepsFrom(fields.steps),
  };
}

function stepsFrom(steps: [number, number, number][] | undefined): StepSpans {
  if (steps === undefined) return noSteps;
  return {
    n: steps.length,
    start: Int32Array.from(steps, ([from]) => from),
    end: Int32Array.from(steps, ([, to]) => to),
    source: "logged",
    columns: new Map([["reward", Float64Array.from(steps, ([, , p]) => p)]]),
    extra: new Map(),
  };
}

export function member(
  group: string | null,
  turns: readonly Turn[],
  fields: Partial<Trajectory> = {},
): BatchMember {
  return { trajectory: { ...textTrajectory("t", turns), group, ...fields }, groupKey: group };
}
