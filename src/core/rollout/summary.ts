import type { GroupSource, Split, TokenSource } from "./trajectory.ts";

/** What the index keeps of a trajectory: enough for the tree, filters and group statistics without its text. */
export interface TrajectorySummary {
  readonly id: string;
  readonly run: string | null;
  readonly group: string | null;
  readonly groupSource: GroupSource;
  readonly trainStep: number | null;
  readonly split: Split;
  /** NaN = missing. */
  readonly reward: number;
  readonly success: boolean | null;
  readonly truncated: boolean | null;
  /** Logged tokens of all turns. */
  readonly nTokens: number;
  /** Characters of the trainable turns: the length shown where there are no tokens. */
  readonly nChars: number;
  readonly nTurns: number;
  readonly tokenSource: TokenSource;
  /** First line of the prompt, at most 120 characters. */
  readonly prompt: string;
}

/** Names of the signals a log holds, by level, as `info` prints them. */
export interface SignalNames {
  readonly token: readonly string[];
  readonly step: readonly string[];
  readonly turn: readonly string[];
  readonly trajectory: readonly string[];
}
