import type { GroupSource, Split, TokenSource, Trajectory } from "./trajectory.ts";
import { tokenSourceOf } from "./trajectory.ts";

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

const promptLength = 120;

/** What the index keeps of a trajectory. */
export function summarize(trajectory: Trajectory): TrajectorySummary {
  const { id, run, group, groupSource, trainStep, split, success, truncated, turns } = trajectory;
  let nTokens = 0;
  let nChars = 0;
  for (const turn of turns) {
    nTokens += turn.tokens?.n ?? 0;
    if (turn.trainable) nChars += turn.content.length;
  }
  return {
    id,
    run,
    group,
    groupSource,
    trainStep,
    split,
    reward: outcomeOf(trajectory),
    success,
    truncated,
    nTokens,
    nChars,
    nTurns: turns.length,
    tokenSource: tokenSourceOf(trajectory),
    prompt: promptOf(trajectory),
  };
}

/** Outcome reward of group methods: `reward`, else the sum of all `tokens.rewards`; NaN = missing. */
export function outcomeOf(trajectory: Trajectory): number {
  if (!Number.isNaN(trajectory.reward)) return trajectory.reward;
  let sum = NaN;
  for (const { tokens } of trajectory.turns) {
    for (const reward of tokens?.columns.get("rewards") ?? []) {
      if (!Number.isNaN(reward)) sum = (Number.isNaN(sum) ? 0 : sum) + reward;
    }
  }
  return sum;
}

/** First line with words of the last turn before the policy's first: what tells prompts apart. */
function promptOf({ turns }: Trajectory): string {
  const first = turns.findIndex((turn) => turn.trainable);
  const before = turns.slice(0, first < 0 ? turns.length : first);
  const turn = before.findLast(({ role }) => role === "user" || role === "prompt") ?? before.at(-1);
  // A decoded template leaves its role words alone on their lines; the question stands after the last "user".
  const lines = (turn?.content.slice(0, 20_000) ?? "").split("\n").map((line) => line.trim());
  const asked = lines.slice(lines.lastIndexOf("user") + 1);
  const line = asked.find((text) => text !== "" && !/^(system|user|assistant|tool)$/i.test(text)) ?? "";
  return line.length > promptLength ? `${line.slice(0, promptLength - 1)}…` : line;
}

/** Adds the names of the signals a trajectory holds to `names`, in the order of their first appearance. */
export function collectSignals(
  trajectory: Trajectory,
  names: { readonly [L in keyof SignalNames]: Set<string> },
): void {
  const { trajectory: whole, turn: turnNames, step, token } = names;
  if (!Number.isNaN(trajectory.reward)) whole.add("reward");
  for (const name of trajectory.rewards.keys()) whole.add(`rewards.${name}`);
  if (trajectory.success !== null) whole.add("success");
  if (trajectory.truncated !== null) whole.add("truncated");
  if (!Number.isNaN(trajectory.finalValue)) whole.add("final_value");
  for (const turn of trajectory.turns) {
    if (!Number.isNaN(turn.reward)) turnNames.add("reward");
    if (turn.state !== null) turnNames.add("state");
    for (const name of turn.steps.columns.keys()) step.add(name);
    if (turn.tokens === null) continue;
    if (turn.tokens.ids !== null) token.add("ids");
    if (turn.tokens.maskLogged) token.add("mask");
    for (const name of turn.tokens.columns.keys()) token.add(name);
  }
}
