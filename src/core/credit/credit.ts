import type { SignalId } from "./columns.ts";
import type { CreditLevel } from "./method.ts";
import type { ParameterValue } from "./parameter.ts";

/** What a reader should know of a credit beside its number. Closed list, shown and written as they are. */
export type CreditFlag =
  /** The group has one member: no comparison, the method's singleton rule applies. */
  | "singleton"
  /** All members of the group have the same reward: no signal. */
  | "zero-variance"
  /** The rollout comes from a replay buffer (`replayed`), not from the policy of this train step. */
  | "replayed"
  /** Another rollout of its group does: statistics that count it are not those of the policy alone. */
  | "replay-in-group"
  /** Some members of the group lack a signal the method needs and are left out of its statistics. */
  | "partial-group"
  /** The trained tokens have holes (tool tokens between them): the method's rule for holes applies. */
  | "mask-holes"
  /** A number is not finite; it is written as null. */
  | "non-finite"
  /** The trajectory was cut off; nothing is bootstrapped. */
  | "truncated"
  /** The trajectory was cut off, and its `final_value` stands for what would have come: no official code does so. */
  | "bootstrapped"
  /** Reward on a token with mask 0: lost by return methods. */
  | "reward-on-masked-token"
  /** `reward` differs from the sum of `tokens.rewards`; the tokens' rewards are used. */
  | "reward-mismatch"
  /** The batch has fewer than two trained tokens: whitening has no variance and gives 0, where official code stops. */
  | "few-tokens"
  /** Numbers come from a scorer's column, not from a logged one. */
  | `source:${string}`;

/** Numbers of one turn, each the broadcast of the method's level; absent level = undefined. NaN = none. */
export interface TurnCredit {
  /** Present for methods of level trajectory or turn. */
  readonly credit?: number;
  readonly steps?: Float64Array;
  readonly tokens?: Float64Array;
}

/** Credit of one trajectory by one method. */
export type Credit = AvailableCredit | UnavailableCredit;

export interface AvailableCredit {
  readonly status: "ok";
  readonly method: string;
  readonly params: Readonly<Record<string, ParameterValue>>;
  readonly level: CreditLevel;
  /** Present for methods of level trajectory. */
  readonly credit?: number;
  /** One entry a turn of the trajectory, trained on or not. */
  readonly turns: readonly TurnCredit[];
  readonly flags: readonly CreditFlag[];
}

export interface UnavailableCredit {
  readonly status: "unavailable";
  readonly method: string;
  readonly params: Readonly<Record<string, ParameterValue>>;
  readonly missing: readonly SignalId[];
  /** One sentence that says what is missing and where it would be logged. */
  readonly reason: string;
}
