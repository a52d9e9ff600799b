/** Name of a signal in `missing` of the command line and in messages. */
export type SignalId =
  | "trajectory.reward"
  | "trajectory.group"
  | "trajectory.success"
  | "trajectory.final_value"
  | "turn.reward"
  | "turn.state"
  | "step.reward"
  | "token.ids"
  | "token.mask"
  | "token.values"
  | "token.rewards"
  | "token.advantages"
  | "token.kl";

export interface ColumnInfo {
  readonly signal: SignalId;
  readonly level: "trajectory" | "step" | "token";
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
} as const satisfies Record<string, ColumnInfo>;

export type ColumnName = keyof typeof columnInfo;

/**
 * A batch of trajectories as columns: what every method computes over. `R` rollouts, `P` positions
 * (tokens of all rollouts, one after the other), `K` scored steps. Rollout `r` owns the positions
 * `[positions[r], positions[r + 1])` and the steps `[steps[r], steps[r + 1])`.
 */
export interface BatchShape {
  readonly nRollouts: number;
  /** Length R + 1. All zeros where the log has no tokens. */
  readonly positions: Int32Array;
  /** Length R + 1. All zeros where no step is scored. */
  readonly steps: Int32Array;
  /** Group of each rollout, 0 ≤ g < nGroups; rollouts without a group are groups of one. */
  readonly group: Int32Array;
  readonly nGroups: number;
  /** Length P, 1 = trained on. Empty without tokens. */
  readonly mask: Uint8Array;
  /** Length K: the last position of each step, −1 where the step has no token. */
  readonly stepEnd: Int32Array;
  /** Length K: number of tokens of each step. */
  readonly stepTokens: Int32Array;
}

/** Type of each column: length R, K or P by its level. */
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
}
