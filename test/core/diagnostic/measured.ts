import type {
  Diagnostic,
  MeasuredBatch,
  MeasuredMember,
  Measurement,
} from "../../../src/core/diagnostic/diagnostic.ts";
import { resolveParameters } from "../../../src/core/credit/parameter.ts";
import { textTrajectory, textTurn } from "../../../src/core/rollout/textTrajectory.ts";
import type { TokenColumns } from "../../../src/core/rollout/tokenColumns.ts";
import type { Trajectory, Turn } from "../../../src/core/rollout/trajectory.ts";

/** A turn with fields of its own, and of tokens of one character each. */
export function turn(
  role: string,
  content: string,
  fields: Partial<Turn> & {
    readonly more?: Readonly<Record<string, unknown>>;
    readonly columns?: Readonly<Record<string, readonly number[]>>;
    readonly tokenFields?: Readonly<Record<string, unknown>>;
    readonly mask?: readonly number[];
  } = {},
): Turn {
  const { more = {}, columns, tokenFields, mask, ...rest } = fields;
  const n = content.length;
  const own = mask ?? Array.from({ length: n }, () => (role === "assistant" ? 1 : 0));
  const tokens: TokenColumns = {
    n,
    start: Int32Array.from({ length: n }, (_, t) => t),
    end: Int32Array.from({ length: n }, (_, t) => t + 1),
    ids: null,
    mask: Uint8Array.from(own),
    maskLogged: mask !== undefined,
    columns: new Map(Object.entries(columns ?? {}).map(([name, x]) => [name, Float64Array.from(x)])),
    extra: new Map(Object.entries(tokenFields ?? {})),
    spanSource: "offsets",
  };
  const hasTokens = columns !== undefined || tokenFields !== undefined || mask !== undefined;
  return {
    ...textTurn(role, content, -1),
    ...(hasTokens ? { tokens } : {}),
    extra: new Map(Object.entries(more)),
    ...rest,
  };
}

export function rollout(
  id: string,
  turns: readonly Turn[],
  fields: Partial<Trajectory> & { readonly more?: Readonly<Record<string, unknown>> } = {},
): MeasuredMember {
  const { more = {}, ...rest } = fields;
  const trajectory = { ...textTrajectory(id, turns), extra: new Map(Object.entries(more)), ...rest };
  return { trajectory, groupKey: trajectory.group };
}

/** Batches of train steps 1, 2, … */
export function batches(...steps: readonly (readonly MeasuredMember[])[]): readonly MeasuredBatch[] {
  return steps.map((members, i) => ({ run: "run", trainStep: i + 1, split: "train", members }));
}

/** What a diagnostic says of batches, then of the run. */
export function measure(
  diagnostic: unknown,
  steps: readonly MeasuredBatch[],
  params: Readonly<Record<string, unknown>> = {},
): { readonly each: readonly Measurement[]; readonly end: readonly Measurement[] } {
  const one = diagnostic as Diagnostic;
  const measuring = one.measure(resolveParameters(one, params).values as never);
  const each = steps.flatMap((batch) => measuring.batch(batch));
  return { each, end: measuring.end() };
}
