import type { Trajectory } from "../rollout/trajectory.ts";
import type { Level, SignalId } from "./columns.ts";
import type { Credit, TurnCredit } from "./credit.ts";
import type { LaneInfo } from "./method.ts";
import type { ParameterValue } from "./parameter.ts";
import type { BatchPressure } from "./tokenPressure.ts";

/** A trajectory of a batch with the key of its group (null = none: a group of one). */
export interface BatchMember {
  readonly trajectory: Trajectory;
  readonly groupKey: string | null;
}

/** Place in a trajectory whose credit is to be explained. */
export interface Place {
  readonly turn: number;
  /** Index in the turn's tokens, null where the place has no token. */
  readonly token: number | null;
  /** Index in the turn's steps (logged, else segmented), null where the place lies in no step. */
  readonly step: number | null;
}

/** A formula with the numbers of one place put in. */
export interface ExplainedLine {
  /** `A = (R − mean) / (std + ε)` */
  readonly symbols: string;
  /** `(0 − 0.375) / (0.5175 + 1e-6) = −0.7246` */
  readonly numbers: string;
  /** The same numbers at full precision, to be evaluated by tests: `(0 - 0.375) / (0.5174… + 0.000001)`. */
  readonly expression: string;
  /** What the lane holds: the value of `expression`. */
  readonly value: number;
}

/** Credit of a whole batch by one method. */
export interface BatchCredit {
  readonly method: string;
  readonly params: Readonly<Record<string, ParameterValue>>;
  /** Credit of member `r`. */
  credit(r: number): Credit;
  /** Formula lines at a place of member `r`; empty where it has no credit. */
  explain(r: number, place: Place): readonly ExplainedLine[];
  /** |numbers| of a lane (default: the credit) at its own level over the whole batch, finite values only, unsorted. */
  magnitudes(lane?: string): Float64Array;
  /** A lane of member `r` at its own level and every finer one that exists; null where the member has none, or the whole batch one number. */
  spread(r: number, lane: string): { readonly level: Level; readonly turns: readonly TurnCredit[] } | null;
  /** What the lanes are, `credit` among them; those that only this log has too. */
  readonly lanes: Readonly<Record<string, LaneInfo>>;
  /** A lane of a method over all positions (steps, turns; one number a rollout) of member `r`, nulls not yet put in; for conformance. */
  lane(r: number, name: string): Float64Array;
}

/** One batch, whose columns are built once and shared by all methods that are asked of it. */
export interface Batch {
  readonly members: readonly BatchMember[];
  /** @throws ParameterError for an unknown method, parameter or value. */
  credit(method: string, explicit: Readonly<Record<string, unknown>>): BatchCredit;
  /**
   * What the loss makes of a method's credit at every token; see `pressureSettings` for `settings`.
   * @throws ParameterError as `credit` does, and for an unknown setting.
   */
  pressure(
    method: string,
    explicit: Readonly<Record<string, unknown>>,
    settings: Readonly<Record<string, unknown>>,
  ): BatchPressure;
  /** Signals member `r` lacks for a method with its default parameters; empty = it can be computed. */
  missing(r: number, method: string): readonly SignalId[];
}
