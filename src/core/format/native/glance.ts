import { promptLine, type SignalSets, type TrajectorySummary } from "../../rollout/summary.ts";
import type { TokenSource } from "../../rollout/trajectory.ts";
import { knownTokenColumns } from "../../rollout/tokenColumns.ts";
import { isRecord } from "../isRecord.ts";
import { isShallow } from "../tolerantJson.ts";

type JsonRecord = Readonly<Record<string, unknown>>;

/** What is summed up over the turns of a record. */
interface Tally {
  readonly names: SignalSets;
  nTokens: number;
  nChars: number;
  /** Sum of all `tokens.rewards`; NaN where there is none. */
  tokenRewards: number;
  tokenSource: TokenSource;
  /** A trainable turn with text has no tokens: then the rollout counts as having none. */
  isTokenless: boolean;
  /** The prompt's words: the last user turn before the first trainable one, else the last turn before it. */
  prompt: string | null;
  isPromptUser: boolean;
  isTrained: boolean;
}

/**
 * What the index keeps of a line of `rewardlens/1`, without columns and maps: a log of many tokens is indexed about as
 * fast as its JSON is parsed. Null for a line with anything that `read` would report, or that is rare.
 */
export function glanceNative(record: JsonRecord, line: number, names: SignalSets): TrajectorySummary | null {
  const { id, run, group, train_step: step, split, reward, success, truncated, turns, signals } = record;
  const isPlain =
    record["schema"] === "rewardlens/1" &&
    id !== "" &&
    isNameOrNone(id) &&
    isNameOrNone(run) &&
    isNameOrNone(group) &&
    isIntegerOrNone(step) &&
    (split === undefined || split === "train" || split === "validation") &&
    isNumberOrNone(reward) &&
    isFlagOrNone(success) &&
    isFlagOrNone(truncated) &&
    isNumberOrNone(record["final_value"]) &&
    isNameOrNone(record["answer"]) &&
    signals === undefined &&
    Array.isArray(turns);
  if (!isPlain || !glanceRest(record, names)) return null;
  const tally: Tally = {
    names,
    nTokens: 0,
    nChars: 0,
    tokenRewards: NaN,
    tokenSource: "none",
    isTokenless: false,
    prompt: null,
    isPromptUser: false,
    isTrained: false,
  };
  for (let i = 0; i < turns.length; i++) if (!glanceTurn(turns[i], i, tally)) return null;
  const own = typeof reward === "number" ? reward : NaN;
  if (!Number.isNaN(own)) names.trajectory.add("reward");
  if (typeof success === "boolean") names.trajectory.add("success");
  if (typeof truncated === "boolean") names.trajectory.add("truncated");
  if (typeof record["final_value"] === "number") names.trajectory.add("final_value");
  return {
    id: nameOf(id) ?? `L${line}`,
    run: nameOf(run),
    group: nameOf(group),
    groupSource: nameOf(group) === null ? "none" : "explicit",
    trainStep: typeof step === "number" ? step : null,
    split: split === "validation" ? "validation" : "train",
    reward: Number.isNaN(own) ? tally.tokenRewards : own,
    success: typeof success === "boolean" ? success : null,
    truncated: typeof truncated === "boolean" ? truncated : null,
    nTokens: tally.nTokens,
    nChars: tally.nChars,
    nTurns: turns.length,
    tokenSource: tally.isTokenless ? "none" : tally.tokenSource,
    prompt: promptLine(tally.prompt ?? ""),
    joinKey: NaN,
  };
}

const lookedAt = new Set([
  "schema",
  "id",
  "run",
  "group",
  "train_step",
  "split",
  "reward",
  "rewards",
  "success",
  "truncated",
  "final_value",
  "answer",
  "turns",
  "signals",
]);

function glanceRest(record: JsonRecord, names: SignalSets): boolean {
  const { rewards } = record;
  if (rewards !== undefined && rewards !== null) {
    if (!isRecord(rewards)) return false;
    for (const name of Object.keys(rewards)) {
      if (!isNumberOrNone(rewards[name])) return false;
      names.trajectory.add(`rewards.${name}`);
    }
  }
  for (const name of Object.keys(record)) if (!lookedAt.has(name) && !isShallow(record[name])) return false;
  return true;
}

const lookedAtInTurn = new Set([
  "role",
  "content",
  "agent",
  "name",
  "state",
  "reward",
  "trainable",
  "tokens",
  "steps",
]);

function glanceTurn(turn: unknown, index: number, tally: Tally): boolean {
  if (!isRecord(turn)) return false;
  const { role, content, agent, name, state, reward, trainable, tokens, steps } = turn;
  const isPlain =
    typeof role === "string" &&
    typeof content === "string" &&
    isNameOrNone(agent) &&
    isNameOrNone(name) &&
    isNameOrNone(state) &&
    isNumberOrNone(reward) &&
    isFlagOrNone(trainable);
  if (!isPlain || !glanceRestOfTurn(turn, index)) return false;
  if (typeof reward === "number") tally.names.turn.add("reward");
  if (typeof state === "string" || typeof state === "number") tally.names.turn.add("state");
  const isTrained = typeof trainable === "boolean" ? trainable : role === "assistant";
  if (isTrained) {
    tally.nChars += content.length;
    if (isRecord(tokens)) tally.tokenSource = "logged";
    else if (content !== "") tally.isTokenless = true;
    tally.isTrained = true;
  } else if (!tally.isTrained) {
    const isUser = role === "user" || role === "prompt";
    if (isUser || !tally.isPromptUser) {
      tally.prompt = content;
      tally.isPromptUser = isUser;
    }
  }
  return glanceTokens(tokens, content, tally) && glanceSteps(steps, content.length, tally);
}

function glanceRestOfTurn(turn: JsonRecord, index: number): boolean {
  for (const name of Object.keys(turn)) {
    if (lookedAtInTurn.has(name)) continue;
    const value = turn[name];
    switch (name) {
      case "parent":
        if (!isIntegerOrNone(value)) return false;
        if (typeof value === "number" && (value < -1 || value >= index)) return false;
        break;
      case "tool_calls":
        if (!Array.isArray(value) || !value.every(isCall) || !isShallow(value)) return false;
        break;
      case "tool_call_id":
        if (!isNameOrNone(value)) return false;
        break;
      case "time":
        if (!isNumberOrNone(value)) return false;
        break;
      case "attachments":
        return false;
      default:
        if (!isShallow(value)) return false;
    }
  }
  return true;
}

function isCall(call: unknown): boolean {
  if (!isRecord(call)) return false;
  const inner = call["function"];
  return typeof (isRecord(inner) ? inner : call)["name"] === "string";
}

const known: ReadonlySet<string> = new Set(knownTokenColumns);

function glanceTokens(tokens: unknown, content: string, tally: Tally): boolean {
  if (tokens === undefined || tokens === null) return true;
  if (!isRecord(tokens)) return false;
  const { offsets, text } = tokens;
  const spans = offsets ?? text;
  if (!Array.isArray(spans)) return false;
  if (spans === offsets ? !areSpans(spans, content.length) : !arePieces(spans, content)) return false;
  if (spans === offsets && text !== undefined) return false;
  const n = spans.length;
  const { token } = tally.names;
  for (const name of Object.keys(tokens)) {
    if (name === "offsets" || name === "text") continue;
    const column = tokens[name];
    if (!Array.isArray(column)) {
      if (known.has(name) || name === "ids" || name === "mask" || !isShallow(column)) return false;
      continue;
    }
    if (column.length !== n || !(name === "ids" ? areIds(column) : areNumbers(column))) return false;
    token.add(name);
    if (name === "rewards") tally.tokenRewards = sumOf(column as (number | null)[], tally.tokenRewards);
  }
  tally.nTokens += n;
  return true;
}

function areSpans(spans: readonly unknown[], length: number): boolean {
  let previous = 0;
  for (let t = 0; t < spans.length; t++) {
    const span = spans[t];
    if (!Array.isArray(span) || span.length !== 2) return false;
    const from: unknown = span[0];
    const to: unknown = span[1];
    if (typeof from !== "number" || typeof to !== "number") return false;
    if (from < previous || to < from || to > length || !Number.isInteger(from) || !Number.isInteger(to))
      return false;
    previous = from;
  }
  return true;
}

function arePieces(pieces: readonly unknown[], content: string): boolean {
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece !== "string" || !content.startsWith(piece, at)) return false;
    at += piece.length;
  }
  return at === content.length;
}

function areIds(column: readonly unknown[]): boolean {
  for (let t = 0; t < column.length; t++) {
    const id = column[t];
    if (typeof id !== "number" || (id | 0) !== id) return false;
  }
  return true;
}

function areNumbers(column: readonly unknown[]): boolean {
  for (let t = 0; t < column.length; t++) {
    const value = column[t];
    if (typeof value !== "number" && value !== null && typeof value !== "boolean") return false;
  }
  return true;
}

function sumOf(column: readonly (number | null | boolean)[], before: number): number {
  let sum = before;
  for (const value of column) {
    const x = Number(value ?? NaN);
    if (!Number.isNaN(x)) sum = (Number.isNaN(sum) ? 0 : sum) + x;
  }
  return sum;
}

function glanceSteps(steps: unknown, length: number, tally: Tally): boolean {
  if (steps === undefined || steps === null) return true;
  if (!Array.isArray(steps)) return false;
  let previous = 0;
  for (const step of steps) {
    if (!isRecord(step)) return false;
    const { start, end } = step;
    if (!Number.isInteger(start) || !Number.isInteger(end)) return false;
    if ((start as number) < previous || (end as number) < (start as number) || (end as number) > length)
      return false;
    previous = end as number;
    for (const name of Object.keys(step)) {
      if (name === "start" || name === "end") continue;
      const value = step[name];
      if (typeof value === "number" || value === null) tally.names.step.add(name);
      else if (name === "reward" || name === "value" || name === "label" || !isShallow(value)) return false;
    }
  }
  return true;
}

function isNumberOrNone(value: unknown): boolean {
  return typeof value === "number" || value === undefined || value === null;
}

function isIntegerOrNone(value: unknown): boolean {
  return value === undefined || value === null || Number.isSafeInteger(value);
}

function isFlagOrNone(value: unknown): boolean {
  return typeof value === "boolean" || value === undefined || value === null;
}

/** Not an integer beyond 2^53, which has lost digits. */
function isNameOrNone(value: unknown): boolean {
  if (typeof value === "number") return Number.isSafeInteger(value) || !Number.isInteger(value);
  return typeof value === "string" || value === undefined || value === null;
}

function nameOf(value: unknown): string | null {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : null;
}
