import type { MethodStatus } from "../credit/method.ts";
import type { Parameters, Presets, Values } from "../credit/parameter.ts";
import type { Trajectory } from "../rollout/trajectory.ts";

/** What a measurement is of: all that is given narrows it down; nothing = the whole run. */
export interface Scope {
  readonly run?: string;
  readonly train_step?: number;
  readonly group?: string;
  readonly id?: string;
  /** Only where it is not of the training rollouts. */
  readonly split?: "validation";
}

/** Plain data: what is printed as JSON. NaN and infinities are written as null. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

/** One value of a diagnostic, with what it rests on. */
export interface Measurement {
  readonly scope: Scope;
  /** NaN or null = not available: `missing` says which signals the log lacks. */
  readonly value: Plain;
  /** Numbers, thresholds and ids that the value rests on. */
  readonly evidence: Readonly<Record<string, Plain>>;
  /** Signals that were not there, as `token.ref_logprobs`; of some rollouts or of all. */
  readonly missing?: readonly string[];
  /** The value crosses the diagnostic's threshold: somebody should look. */
  readonly alarm?: boolean;
}

/** A trajectory with the key of its group, null = none. */
export interface MeasuredMember {
  readonly trajectory: Trajectory;
  readonly groupKey: string | null;
}

/** Rollouts of one run and train step, as they were logged. */
export interface MeasuredBatch {
  readonly run: string;
  /** null = not logged. */
  readonly trainStep: number | null;
  readonly split: "train" | "validation";
  readonly members: readonly MeasuredMember[];
}

/**
 * A run being measured: batches come in the order of training, and only one is in memory. Training and validation are
 * measured by themselves, each by its own.
 */
export interface Measuring {
  /** Measurements that this batch completes. */
  batch(batch: MeasuredBatch): readonly Measurement[];
  /** Measurements over the whole run. */
  end(): readonly Measurement[];
}

/** What a diagnostic compares in the end: where its numbers come from is told by the scope of its measurements. */
export type DiagnosticScope = "rollout" | "group" | "batch" | "run";

/**
 * A diagnostic: pure functions from logged rollouts to values with their evidence. Its mathematics stand in exported
 * functions of their own beside it, over numbers and typed arrays, so that they can be checked against official code.
 */
export interface Diagnostic<Id extends string = string, P extends Parameters = Parameters> {
  readonly id: Id;
  readonly label: string;
  /** One or two sentences: what it measures, and what a value means. */
  readonly doc: string;
  readonly paper: string;
  readonly status: MethodStatus;
  readonly scope: DiagnosticScope;
  /** Signals it needs, as a method names them: `trajectory.reward`, `token.entropy`, `turn.state`. */
  readonly needs: readonly string[];
  readonly params: P;
  /** Named parameter sets; the first is the default. */
  readonly presets: Presets;
  measure(params: Values<P>): Measuring;
}

/** Identity, so that `measure` is typed by its own `params`. */
export function diagnostic<const Id extends string, const P extends Parameters>(
  one: Diagnostic<Id, P>,
): Diagnostic<Id, P> {
  return one;
}
