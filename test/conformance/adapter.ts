import type { BatchMember } from "../../src/core/credit/batchCredit.ts";
import { noSteps, type StepSpans } from "../../src/core/rollout/stepSpans.ts";
import { textTrajectory, textTurn } from "../../src/core/rollout/textTrajectory.ts";
import type { TokenColumns } from "../../src/core/rollout/tokenColumns.ts";
import { rowsOf } from "./golden.ts";

/** Where an output of the official code stands in the product: a lane of a method with parameters. */
export interface OutputLane {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly lane: string;
  /** `positions`: one number a token (a rollout's number is repeated, 0 at masked tokens); `own`: as the lane is. */
  readonly shape: "positions" | "own";
}

export type Inputs = Readonly<Record<string, unknown>>;

/** How a golden file is asked of the product; the computing is the product's. */
export type Adapter = LaneAdapter | ValueAdapter;

/** What every adapter can say. */
interface AdapterBase {
  readonly file: string;
  /**
   * Tolerance instead of that of the file's type, of all outputs or by their keys: where the official code's own rounding
   * is larger. Its doc says why.
   */
  readonly tolerance?: number | Readonly<Record<string, number>>;
}

/** Inputs become trajectories, outputs are lanes of methods. */
export interface LaneAdapter extends AdapterBase {
  /** @param output the output key the trajectories are for */
  members(inputs: Inputs, output: string): readonly BatchMember[];
  lanes(inputs: Inputs): Readonly<Record<string, OutputLane>>;
}

/** For what is no credit of rollouts: the product's pure functions on the inputs. */
export interface ValueAdapter extends AdapterBase {
  /**
   * A value for each output key: numbers, strings, booleans, null, and lists and objects of them. Where the official code
   * raises an error, it returns or throws what says so: `{ error }`.
   * @param name the case's name, for files in which it alone says what was asked for
   */
  values(inputs: Inputs, name: string): Readonly<Record<string, unknown>>;
}

export interface RowColumns {
  readonly group: string | null;
  readonly mask: readonly number[];
  readonly reward?: number;
  readonly success?: boolean | null;
  readonly ids?: readonly number[];
  readonly columns?: Readonly<Record<string, readonly number[]>>;
  /** Steps as [first token, last token + 1, score p]. */
  readonly steps?: readonly (readonly [number, number, number])[];
}

/**
 * A row as a trajectory: one assistant turn of T tokens, padding kept with mask 0. Tokens have empty spans, or one
 * character each where steps need a place in the text.
 */
export function member(row: RowColumns, index: number): BatchMember {
  const n = row.mask.length;
  const width = row.steps === undefined ? 0 : 1;
  const tokens: TokenColumns = {
    n,
    start: Int32Array.from({ length: n }, (_, t) => t * width),
    end: Int32Array.from({ length: n }, (_, t) => (t + 1) * width),
    ids: row.ids === undefined ? null : Int32Array.from(row.ids),
    mask: Uint8Array.from(row.mask),
    maskLogged: true,
    columns: new Map(
      Object.entries(row.columns ?? {}).map(([name, values]) => [name, Float64Array.from(values)]),
    ),
    extra: new Map(),
    spanSource: "offsets",
  };
  const turn = { ...textTurn("assistant", "x".repeat(n * width), -1), tokens, steps: stepsOf(row) };
  const trajectory = {
    ...textTrajectory(`row ${index}`, [turn]),
    group: row.group,
    reward: row.reward ?? NaN,
    success: row.success ?? null,
  };
  return { trajectory, groupKey: row.group };
}

function stepsOf({ steps }: RowColumns): StepSpans {
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

/** Rows of verl's functions: token rewards, a mask by one of its names, groups by `index` or `uid`, ids, values. */
export function verlMembers(inputs: Inputs): readonly BatchMember[] {
  const rewards = rowsOf(inputs["token_level_rewards"]);
  const mask = rowsOf(
    inputs["response_mask"] ?? inputs["eos_mask"] ?? inputs["action_mask"] ?? inputs["loss_mask"],
  );
  const groups = (inputs["index"] ?? inputs["uid"]) as readonly string[] | undefined;
  const ids = inputs["responses"] === undefined ? undefined : rowsOf(inputs["responses"]);
  const values = inputs["values"] === undefined ? undefined : rowsOf(inputs["values"]);
  return rewards.map((row, r) =>
    member(
      {
        group: groups === undefined ? null : String(groups[r]),
        mask: mask[r]!,
        ...(ids === undefined ? {} : { ids: ids[r]! }),
        columns: { rewards: row, ...(values === undefined ? {} : { values: values[r]! }) },
      },
      r,
    ),
  );
}

/** Steps between the true entries of a reward mask: each ends at one, text after the last belongs to none. */
export function stepsAt(
  ends: readonly number[],
  scores: readonly number[],
): (readonly [number, number, number])[] {
  const steps: (readonly [number, number, number])[] = [];
  let from = 0;
  ends.forEach((isEnd, t) => {
    if (isEnd === 0) return;
    steps.push([from, t + 1, scores[t]!]);
    from = t + 1;
  });
  return steps;
}
