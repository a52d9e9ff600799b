import type { StepSpans } from "../rollout/stepSpans.ts";
import type { TokenColumns } from "../rollout/tokenColumns.ts";
import type { SignalNote, Trajectory, Turn } from "../rollout/trajectory.ts";
import { groupNote, other } from "./native/names.ts";

/**
 * A trajectory as one line of `rewardlens/1` (without its newline) that reads back equal. What is missing is left
 * out; numbers that are not finite become null. Unknown fields are written where they were.
 */
export function writeTrajectory(trajectory: Trajectory, run: string | null = trajectory.run): string {
  const line = new Map<string, unknown>([
    ["schema", "rewardlens/1"],
    ["id", trajectory.id],
    ["run", run],
    ["group", trajectory.group],
    ["train_step", trajectory.trainStep],
    ["split", trajectory.split === "validation" ? "validation" : null],
    ["reward", finite(trajectory.reward)],
    [
      "rewards",
      trajectory.rewards.size > 0
        ? Object.fromEntries([...trajectory.rewards].map(([k, x]) => [k, finite(x)]))
        : null,
    ],
    ["success", trajectory.success],
    ["truncated", trajectory.truncated],
    ["final_value", finite(trajectory.finalValue)],
    ["answer", trajectory.answer],
    ["turns", trajectory.turns.map(writeTurn)],
    ["metadata", trajectory.metadata],
    ["signals", writeSignals(trajectory)],
  ]);
  return JSON.stringify(present(line, trajectory.extra));
}

/** Notes of signals, and how the group was found where the log does not name it. */
function writeSignals({ signals, group, groupSource }: Trajectory): Record<string, SignalNote> | null {
  const isNamed = groupSource === "explicit" || groupSource === "none" || group === null;
  const notes = new Map(signals);
  if (!isNamed) notes.set(groupNote, { source: groupSource });
  return notes.size > 0 ? Object.fromEntries(notes) : null;
}

function writeTurn(turn: Turn, index: number): Record<string, unknown> {
  const fields = new Map<string, unknown>([
    ["role", turn.role],
    ["content", turn.content],
    ["agent", turn.agent],
    ["name", turn.name],
    ["state", turn.state],
    ["reward", finite(turn.reward)],
    ["trainable", turn.trainable === (turn.role === "assistant") ? null : turn.trainable],
    ["parent", turn.parent === index - 1 ? null : turn.parent],
    [
      "tool_calls",
      turn.toolCalls.length > 0
        ? turn.toolCalls.map(({ id, ...call }) => (id === null ? call : { id, ...call }))
        : null,
    ],
    ["tool_call_id", turn.toolCallId],
    ["attachments", turn.attachments.length > 0 ? turn.attachments : null],
    ["time", finite(turn.time)],
    ["tokens", turn.tokens === null ? null : writeTokens(turn.tokens, turn.content)],
    ["steps", turn.steps.source === "logged" ? writeSteps(turn.steps) : null],
  ]);
  return present(fields, turn.extra);
}

function writeTokens(tokens: TokenColumns, content: string): Record<string, unknown> {
  const spans = Array.from(tokens.start, (from, t) => [from, tokens.end[t]!] as const);
  const fields = new Map<string, unknown>([
    tokens.spanSource === "text"
      ? ["text", spans.map(([from, to]) => content.slice(from, to))]
      : ["offsets", spans],
    ["ids", tokens.ids === null ? null : [...tokens.ids]],
    ["mask", tokens.maskLogged ? [...tokens.mask] : null],
  ]);
  for (const [name, column] of tokens.columns) fields.set(name, Array.from(column, finite));
  return present(fields, tokens.extra);
}

function writeSteps(steps: StepSpans): Record<string, unknown>[] {
  const empty = new Set(
    [...steps.columns].filter(([, column]) => column.every(Number.isNaN)).map(([name]) => name),
  );
  return Array.from(steps.start, (start, k) => {
    const fields = new Map<string, unknown>([
      ["start", start],
      ["end", steps.end[k]!],
    ]);
    for (const [name, column] of steps.columns) if (!empty.has(name)) fields.set(name, finite(column[k]!));
    // A column without a number would be lost if its nulls were left out as those of others are.
    const rest = new Map<string, unknown>([...empty].map((name) => [name, null]));
    for (const [name, values] of steps.extra) if (values[k] !== undefined) rest.set(name, values[k]);
    return present(fields, rest);
  });
}

function finite(x: number): number | null {
  return Number.isFinite(x) ? x : null;
}

/**
 * Fields that are there, then the unknown ones, those with the name of a field in `other`; defined, not assigned, so
 * that `__proto__` is an ordinary key.
 */
function present(
  fields: ReadonlyMap<string, unknown>,
  extra: ReadonlyMap<string, unknown>,
): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  const others: Record<string, unknown> = {};
  for (const [name, value] of fields) if (value !== null && value !== undefined) define(out, name, value);
  for (const [name, value] of extra)
    if (value !== undefined) define(fields.has(name) || name === other ? others : out, name, value);
  if (Object.keys(others).length > 0) define(out, other, others);
  return out;
}

function define(out: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(out, name, { value, enumerable: true, configurable: true, writable: true });
}
