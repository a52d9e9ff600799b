import type { BatchShape, ColumnName, ColumnType, Level } from "./columns.ts";
import type { CreditFlag } from "./credit.ts";
import type { Parameters, Presets, Values } from "./parameter.ts";

/** Level at which a method assigns its numbers. */
export type CreditLevel = Level;

/** Level of a lane: one number for the batch, a rollout, a turn, a step or a position. */
export type LaneLevel = "batch" | CreditLevel;

/**
 * What a lane is to views that stack lanes: what the credit would be without the method's own idea (`base`), what
 * multiplies it (`weight`), one of several credits that add up to it (`component`). Absent: a number on the way.
 */
export type LaneKind = "base" | "weight" | "component";

export interface LaneInfo {
  readonly level: LaneLevel;
  /** What the number is, for people. */
  readonly doc: string;
  readonly kind?: LaneKind;
}

/**
 * `code`: read from the official implementation and checked against its outputs; `text`: from the paper;
 * `memory`: a proposal; `own`: a construction of this project.
 */
export type MethodStatus = "code" | "text" | "memory" | "own";

/**
 * One line of a formula: `left = symbols = numbers`. In `numbers`, `{name}` stands for a lane's value at the place
 * that is explained, or for a parameter; with `·` for times, `−` for minus, `√(…)`, `max(…)` and `min(…)`, it evaluates
 * to lane `equals`.
 */
export interface FormulaLine {
  readonly left: string;
  readonly symbols: string;
  readonly numbers: string;
  readonly equals: string;
}

/** What a method's `run` sees: the batch's shape and exactly the columns it asked for. */
export type MethodInput<N extends ColumnName, O extends ColumnName = never> = BatchShape & {
  readonly [K in N]: ColumnType<K>;
} & { readonly [K in O]: ColumnType<K> | null };

/**
 * Lanes to be written, allocated by the engine and filled with NaN: length 1, R, U, K or P by level. `add` makes one
 * whose name only the log knows: a lane for each component of the reward. `warn` flags every rollout of the batch.
 */
export type MethodOutput<L extends string> = { readonly [K in L | "credit"]: Float64Array } & {
  readonly add: (name: string, info: LaneInfo) => Float64Array;
  readonly warn: (flag: CreditFlag) => void;
};

/**
 * A credit method: a pure function from columns to lanes. Lane `credit` has the method's own level; the
 * others are the numbers on the way, so that the formula shown is made of what was computed.
 */
export interface CreditMethod<
  Id extends string = string,
  N extends ColumnName = ColumnName,
  O extends ColumnName = ColumnName,
  P extends Parameters = Parameters,
  L extends string = string,
> {
  readonly id: Id;
  readonly label: string;
  /** One or two sentences for the picker, the docs and the command line. */
  readonly doc: string;
  readonly paper: string;
  /** The formula as LaTeX, for the docs; in the symbols of the paper. */
  readonly math: string;
  readonly status: MethodStatus;
  readonly level: CreditLevel;
  /**
   * It compares the members of a group, so that singletons and groups of equal rewards are flagged; not where parameter
   * `baseline` is none.
   */
  readonly comparesGroup: boolean;
  readonly needs: readonly N[];
  /**
   * Columns that only some parameter values need. Those of level trajectory are always read, NaN where a rollout lacks
   * them; the others are null unless `alsoNeeds` asks for them.
   */
  readonly uses?: readonly O[];
  alsoNeeds?(params: Values<P>): readonly O[];
  readonly params: P;
  /** Named parameter sets; the first is the default: what the official release computes. */
  readonly presets: Presets;
  readonly lanes: Readonly<Record<L, LaneInfo>>;
  run(input: MethodInput<N, O>, params: Values<P>, out: MethodOutput<L>): void;
  formula(params: Values<P>): readonly FormulaLine[];
}

/** Identity, so that `run` is typed by its own `needs`, `params` and `lanes`. */
export function creditMethod<
  const Id extends string,
  const N extends ColumnName,
  const P extends Parameters,
  const L extends string = never,
  const O extends ColumnName = never,
>(method: CreditMethod<Id, N, O, P, L>): CreditMethod<Id, N, O, P, L> {
  return method;
}
