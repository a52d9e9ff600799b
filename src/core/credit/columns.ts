/** Levels of columns, of lanes (beside the whole batch), and of the numbers a method assigns; from the coarsest on. */
export const levels = ["trajectory", "turn", "step", "token"] as const;
export type Level = (typeof levels)[number];

/**
 * A numeric signal by its level and its name in the log: `token.ref_logprobs`, `turn.progress`, `step.label`,
 * `trajectory.rewards.format`, `trajectory.baseline`. `turn.action_probs[]` and `trajectory.preferences[]` are the numbers
 * of a list, or of an object by its keys. Where the log lacks a signal of tokens or steps, a scorer's column
 * `NAME@MODEL` stands for it.
 */
export type NamedColumn = `${Level}.${string}`;

/** Name of a signal in `missing` of the command line and in messages. */
export type SignalId = NamedColumn;

export interface ColumnInfo {
  readonly signal: SignalId;
  readonly level: Level;
  /** What the method reads, for people. */
  readonly doc: string;
}

/**
 * Columns a credit method can ask for in `needs`. The batch holds only trajectories that have all of them,
 * so that no method ever sees a missing number.
 */
export const columnInfo = {
  reward: {
    signal: "trajectory.reward",
    level: "trajectory",
    doc: "outcome reward: `reward`, else the sum of `tokens.rewards`",
  },
  success: {
    signal: "trajectory.success",
    level: "trajectory",
    doc: "1 solved, 0 not: `success`; NaN where a method can do without",
  },
  mask: { signal: "token.mask", level: "token", doc: "tokens of the policy's turns, 1 = trained on" },
  ids: { signal: "token.ids", level: "token", doc: "token ids" },
  tokenReward: {
    signal: "trajectory.reward",
    level: "token",
    doc: "`tokens.rewards`, else turn rewards at each turn's last trained token and `reward` at the last one",
  },
  value: { signal: "token.values", level: "token", doc: "a critic's value at each token" },
  advantage: { signal: "token.advantages", level: "token", doc: "advantages as the trainer logged them" },
  kl: { signal: "token.kl", level: "token", doc: "KL penalty of each token: `tokens.kl`" },
  finalValue: {
    signal: "trajectory.final_value",
    level: "trajectory",
    doc: "value after the last token of a truncated trajectory: `final_value`; NaN elsewhere",
  },
  stepReward: {
    signal: "step.reward",
    level: "step",
    doc: "a process reward model's score of each step, p in [0, 1]",
  },
  components: {
    signal: "trajectory.rewards",
    level: "trajectory",
    doc: "components of the reward by name: `rewards`",
  },
  rewardTerms: {
    signal: "trajectory.reward",
    level: "trajectory",
    doc: "`reward`, or the components of the reward by name (`rewards`) where a method adds them up",
  },
  turnReward: {
    signal: "turn.reward",
    level: "turn",
    doc: "rewards of the environment up to the policy's next turn, and `reward` at the last turn where they do not sum to it",
  },
  state: {
    signal: "turn.state",
    level: "turn",
    doc: "key of the state that the policy saw: equal keys, equal states",
  },
  stateText: {
    signal: "turn.state",
    level: "turn",
    doc: "the same keys as texts, for methods that compare states that are nearly equal",
  },
  observation: {
    signal: "turn.observation",
    level: "turn",
    doc: "what the environment answered: the text between the turn and the policy's next one",
  },
  turnPath: {
    signal: "turn.parent",
    level: "turn",
    doc: "which turns led to this one, itself among them: equal paths, equal numbers (the shared turns of a branching trace)",
  },
  agent: { signal: "turn.agent", level: "turn", doc: "which agent wrote the turn" },
  stepText: {
    signal: "step.text",
    level: "step",
    doc: "text of each step, logged or segmented: equal texts, equal numbers",
  },
} as const satisfies Record<string, ColumnInfo>;

export type FixedColumn = keyof typeof columnInfo;

/** What a method can ask for: a column with a meaning of its own, or a signal by its name. */
export type ColumnName = FixedColumn | NamedColumn;

export function isFixed(column: ColumnName): column is FixedColumn {
  return Object.hasOwn(columnInfo, column);
}

export function infoOf(column: ColumnName): ColumnInfo {
  if (isFixed(column)) return columnInfo[column];
  const dot = column.indexOf(".");
  const level = column.slice(0, dot) as Level;
  return { signal: column, level, doc: `numbers "${column.slice(dot + 1)}" of each ${level}` };
}

/** Name of a signal in its level: `ref_logprobs` of `token.ref_logprobs`, `action_probs` of `turn.action_probs[]`. */
export function nameOf(column: NamedColumn): string {
  return column.slice(column.indexOf(".") + 1, isList(column) ? -2 : undefined);
}

/** True for a signal of several numbers at each place. */
export function isList(column: NamedColumn): boolean {
  return column.endsWith("[]");
}

/** Several numbers at each place `i` of a level: `values[offsets[i]]` to `values[offsets[i + 1]]`; none where it lacks them. */
export interface Lists {
  readonly offsets: Int32Array;
  readonly values: Float64Array;
}

/**
 * A batch of trajectories as columns: what every method computes over. `R` rollouts, `U` turns of the policy, `K` steps,
 * `P` positions (tokens), each of all rollouts one after the other. Rollout `r` owns the turns `[turns[r], turns[r + 1])`,
 * the steps `[steps[r], steps[r + 1])` and the positions `[positions[r], positions[r + 1])`.
 */
export interface BatchShape {
  readonly nRollouts: number;
  /** Length R + 1. All zeros where the log has no tokens. */
  readonly positions: Int32Array;
  /** Length R + 1. All zeros where the method reads nothing of steps. */
  readonly steps: Int32Array;
  /** Length R + 1. */
  readonly turns: Int32Array;
  /** Group of each rollout, 0 ≤ g < nGroups; rollouts without a group are groups of one. */
  readonly group: Int32Array;
  readonly nGroups: number;
  /** Length P, 1 = trained on. Empty without tokens. */
  readonly mask: Uint8Array;
  /** Length U: the positions `[turnFrom, turnTo)` of each turn; equal where it has no tokens. */
  readonly turnFrom: Int32Array;
  readonly turnTo: Int32Array;
  /** Length K: the turn of each step, 0 ≤ u < U. */
  readonly stepTurn: Int32Array;
  /** Length K: the last position of each step, −1 where the step has no token. */
  readonly stepEnd: Int32Array;
  /** Length K: number of trained tokens of each step. */
  readonly stepTokens: Int32Array;
}

/** Components of the reward: a column of length R a name; NaN = does not apply to the rollout. */
export interface Components {
  readonly names: readonly string[];
  readonly values: readonly Float64Array[];
}

/** Type of each column: length R, U, K or P by its level. */
export interface ColumnTypes {
  reward: Float64Array;
  success: Float64Array;
  mask: Uint8Array;
  ids: Int32Array;
  tokenReward: Float64Array;
  value: Float64Array;
  advantage: Float64Array;
  kl: Float64Array;
  finalValue: Float64Array;
  stepReward: Float64Array;
  components: Components;
  rewardTerms: Components;
  turnReward: Float64Array;
  /** Numbers that are equal where the texts are; −1 = the turn has none. */
  state: Int32Array;
  /** One a turn; null = none. */
  stateText: readonly (string | null)[];
  observation: readonly (string | null)[];
  turnPath: Int32Array;
  agent: Int32Array;
  stepText: Int32Array;
}

/** A named signal is a float64 column: NaN where a turn or a step lacks it, 0 where a masked token does. */
export type ColumnType<N extends ColumnName> = N extends FixedColumn
  ? ColumnTypes[N]
  : N extends `${string}[]`
    ? Lists
    : Float64Array;
