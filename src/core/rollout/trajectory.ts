import type { StepSpans } from "./stepSpans.ts";
import type { TokenColumns } from "./tokenColumns.ts";

export interface ToolCall {
  readonly id: string | null;
  readonly name: string;
  /** Arguments verbatim: a string as logged, or JSON where the log holds an object. */
  readonly arguments: string;
}

export interface Attachment {
  readonly kind: string;
  readonly uri: string;
  readonly sha256?: string;
}

/** One message or action of an episode. */
export interface Turn {
  readonly role: string;
  /** Text verbatim. */
  readonly content: string;
  readonly agent: string | null;
  readonly name: string | null;
  /** Equal keys are equal states. */
  readonly state: string | null;
  /** Reward from the environment after this turn; NaN = not logged. */
  readonly reward: number;
  /** The policy wrote it and is trained on it. Default: role is assistant. */
  readonly trainable: boolean;
  /** Index of the turn it follows; −1 for the first. */
  readonly parent: number;
  readonly toolCalls: readonly ToolCall[];
  readonly toolCallId: string | null;
  readonly attachments: readonly Attachment[];
  /** Seconds since the epoch; NaN = not logged. */
  readonly time: number;
  readonly tokens: TokenColumns | null;
  /** Steps as logged; `source: "none"` where the log has none (see `segment.ts`). */
  readonly steps: StepSpans;
  /** Unknown fields, kept and shown. */
  readonly extra: ReadonlyMap<string, unknown>;
}

/**
 * How a trajectory got its group: shown, never hidden. Named by the log; by the prefix of a row's id; rows of one file
 * with equal prompts; of those, only rows that follow each other; rollouts of one line; not at all.
 */
export const groupSources = ["explicit", "uid-prefix", "same-prompt", "contiguous", "line", "none"] as const;
export type GroupSource = (typeof groupSources)[number];

/** Name of the signal note that says how the turns were found, where the log does not mark them. */
export const turnsNote = "turns";

export type Split = "train" | "validation";

/** What a log says of one of its signals (`signals` of the native format). */
export interface SignalNote {
  readonly source?: string;
  readonly level?: string;
  readonly range?: readonly [number, number];
  readonly model?: string;
}

/** One episode: an ordered list of turns with an outcome reward. */
export interface Trajectory {
  /** Unique in its file: the log's id, else `L` and the line number. */
  readonly id: string;
  /** True where the log itself holds the id. */
  readonly idLogged: boolean;
  readonly run: string | null;
  readonly group: string | null;
  readonly groupSource: GroupSource;
  /** Optimiser step at which it was sampled; null = not logged. */
  readonly trainStep: number | null;
  readonly split: Split;
  /** Outcome reward; NaN = missing. */
  readonly reward: number;
  /** Components of the reward by name; NaN = does not apply. */
  readonly rewards: ReadonlyMap<string, number>;
  readonly success: boolean | null;
  readonly truncated: boolean | null;
  /** Value after the last token of a truncated trajectory, for bootstrapping; NaN = missing. */
  readonly finalValue: number;
  /** Reference answer. */
  readonly answer: string | null;
  readonly turns: readonly Turn[];
  readonly metadata: unknown;
  readonly signals: ReadonlyMap<string, SignalNote>;
  readonly extra: ReadonlyMap<string, unknown>;
}

export type TokenSource = "logged" | "none" | `scorer:${string}`;

/**
 * `logged` when every trainable turn that has text also has tokens, `scorer:MODEL` when a scorer made some of them.
 * Anything less is `none`: a method that counts tokens would count wrong.
 */
export function tokenSourceOf(trajectory: Trajectory): TokenSource {
  let seen: TokenSource = "none";
  for (const turn of trajectory.turns) {
    if (!turn.trainable) continue;
    const { tokens } = turn;
    if (tokens?.scorer !== undefined) seen = `scorer:${tokens.scorer}`;
    else if (tokens !== null) seen = seen === "none" ? "logged" : seen;
    else if (turn.content !== "") return "none";
  }
  return seen;
}
