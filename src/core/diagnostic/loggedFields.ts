import { trajectoryNumber } from "../credit/ownNumbers.ts";
import { isRecord } from "../format/isRecord.ts";
import { outcomeOf } from "../rollout/summary.ts";
import type { Trajectory, Turn } from "../rollout/trajectory.ts";
import { type Matrix, matrixOf } from "../stats/singularValues.ts";
import type { MeasuredMember } from "./diagnostic.ts";

/** A field of a trajectory by its name: its own, else of its metadata; undefined = not logged. */
export function fieldOf({ extra, metadata }: Trajectory, name: string): unknown {
  if (extra.has(name)) return extra.get(name);
  return isRecord(metadata) && Object.hasOwn(metadata, name) ? metadata[name] : undefined;
}

/** A field as text: numbers as they are written; null = not logged or neither text nor a number. */
export function textField(trajectory: Trajectory, name: string): string | null {
  return textOf(fieldOf(trajectory, name));
}

export function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : null;
}

/** A number, or NaN for null and what is none. */
export function numberIn(value: unknown): number {
  return typeof value === "number" ? value : NaN;
}

/** A list of numbers, null among them as NaN; null for anything else or an empty list. */
export function numbersIn(value: unknown): readonly number[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const fits = value.every((x) => typeof x === "number" || x === null);
  return fits ? value.map(numberIn) : null;
}

/** Lists of numbers of one length as a matrix; null for anything else. */
export function matrixIn(value: unknown): Matrix | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const rows = value.map(numbersIn);
  const [first] = rows;
  if (!rows.every((row) => row !== null && row.length === first?.length)) return null;
  return matrixOf(rows as readonly (readonly number[])[]);
}

/**
 * Key of the state that a turn of the policy saw: its own, else that of the turns right before it; null = not logged.
 */
export function stateSeen(turns: readonly Turn[], turn: number): string | null {
  for (let i = turn; i >= 0; i--) {
    if (i < turn && turns[i]!.trainable) return null;
    if (turns[i]!.state !== null) return turns[i]!.state;
  }
  return null;
}

/** What a turn did: its field `action`, else its tool calls, else its text. */
export function actionOf({ extra, toolCalls, content }: Turn): string {
  const logged = textOf(extra.get("action"));
  if (logged !== null) return logged;
  if (toolCalls.length > 0) return toolCalls.map((call) => `${call.name}(${call.arguments})`).join("; ");
  return content.trim();
}

/** Trained tokens; without tokens the field `response_length` or `length`; NaN = not logged. */
export function responseLength(trajectory: Trajectory): number {
  let n = NaN;
  for (const { tokens } of trajectory.turns) {
    if (tokens === null) continue;
    n = (Number.isNaN(n) ? 0 : n) + tokens.mask.reduce((sum, m) => sum + m, 0);
  }
  if (!Number.isNaN(n)) return n;
  const logged = numberIn(fieldOf(trajectory, "response_length"));
  return Number.isNaN(logged) ? numberIn(fieldOf(trajectory, "length")) : logged;
}

/** Name of the prompt over the whole run: the field `prompt_id`, else the group. */
export function promptOf({ trajectory, groupKey }: MeasuredMember): string | null {
  return textField(trajectory, "prompt_id") ?? trajectory.group ?? groupKey;
}

/** 1 solved, 0 not: `success`, else whether the reward is positive; NaN = neither is logged. */
export function solvedOf({ success, reward }: Trajectory): number {
  if (success !== null) return success ? 1 : 0;
  return Number.isNaN(reward) ? NaN : reward > 0 ? 1 : 0;
}

/**
 * A number of a rollout by its name: `reward`, `success` (1 or 0), `rewards.NAME` for a component of the reward, any other
 * name a field of its own or of its metadata. NaN = not logged.
 */
export function loggedNumber(trajectory: Trajectory, name: string): number {
  if (name === "reward") return outcomeOf(trajectory);
  if (name === "success") return trajectory.success === null ? NaN : Number(trajectory.success);
  return trajectoryNumber(trajectory, name);
}

/** Numbers of a list; null = not logged, or no list of numbers. */
export function loggedNumbers(trajectory: Trajectory, name: string): readonly number[] | null {
  const value = fieldOf(trajectory, name);
  return Array.isArray(value) && value.every((x): x is number => typeof x === "number") ? value : null;
}

/** A text by its name, the reference `answer` among them; null = not logged. */
export function loggedText(trajectory: Trajectory, name: string): string | null {
  const value = fieldOf(trajectory, name);
  if (typeof value === "string") return value;
  return name === "answer" ? trajectory.answer : null;
}

/** Text of the policy's last turn; null = it has none. */
export function responseOf({ turns }: Trajectory): string | null {
  return turns.findLast(({ trainable }) => trainable)?.content ?? null;
}

/** Text of all turns of the policy, a line break between them; null = it has none. */
export function policyText({ turns }: Trajectory): string | null {
  const own = turns.filter(({ trainable }) => trainable);
  return own.length === 0 ? null : own.map(({ content }) => content).join("\n");
}

/** Ids of the policy's trained tokens, in order; null where one of its turns lacks them. */
export function policyIds({ turns }: Trajectory): readonly number[] | null {
  const ids: number[] = [];
  for (const { tokens, trainable, content } of turns) {
    if (!trainable || (tokens === null && content === "")) continue;
    if (tokens === null || tokens.ids === null) return null;
    for (let t = 0; t < tokens.n; t++) if (tokens.mask[t] === 1) ids.push(tokens.ids[t]!);
  }
  return ids.length === 0 ? null : ids;
}
