import { textTrajectory, textTurn } from "../../rollout/textTrajectory.ts";
import type { Trajectory, Turn } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { readHistoryMessage, stepFacts } from "./history.ts";

type Json = Readonly<Record<string, unknown>>;
type Report = RecordPlace["report"];

/** One attempt: `history`, the conversation; `trajectory`, its steps; `info`, how it ended. */
export function readAttempt(record: Json, id: string, where: string, report: Report): Trajectory {
  const fields = new Fields(record, where, report);
  const steps = (fields.list("trajectory") ?? []).filter(isRecord);
  const history = fields.list("history");
  const info = fields.object("info");
  const turns =
    history === null || history.length === 0
      ? stepTurns(steps, report)
      : historyTurns(history, steps, report);
  return {
    ...textTrajectory(id, turns),
    truncated: isCut(info?.["exit_status"]),
    metadata: info ?? undefined,
    extra: fields.rest(),
  };
}

/** The conversation; what steps say beside it is found by the texts of the answers, which stand there too. */
function historyTurns(history: readonly unknown[], steps: readonly Json[], report: Report): readonly Turn[] {
  const turns = history.map((message, i) =>
    readHistoryMessage(message, { where: `history[${i}]`, parent: i - 1, report }),
  );
  let k = 0;
  let last = -1;
  for (const [i, turn] of turns.entries()) {
    if (!turn.trainable) continue;
    const found = answerAt(steps, k, turn);
    if (found < 0) continue;
    turns[i] = { ...turn, extra: new Map([...turn.extra, ...stepFacts(steps[found]!)]) };
    k = found + 1;
    last = i;
  }
  // The answer that ends an episode has no message after it, but a step that says what came of it.
  const observation = steps[k - 1]?.["observation"];
  if (last === turns.length - 1 && typeof observation === "string" && observation !== "")
    turns.push({ ...textTurn("tool", observation, last), toolCallId: turns[last]!.toolCalls[0]?.id ?? null });
  return turns;
}

/** The step that holds this answer, among the next few: some answers have no step (a format error, asked again). */
function answerAt(steps: readonly Json[], from: number, turn: Turn): number {
  for (let at = from; at < Math.min(steps.length, from + 8); at++) if (isAnswer(steps[at]!, turn)) return at;
  return -1;
}

function isAnswer({ response, thought }: Json, { content }: Turn): boolean {
  return (typeof response === "string" && content.endsWith(response)) || thought === content;
}

/** Without a history: each step's answer and what came of it, after the messages that the first answer was given. */
function stepTurns(steps: readonly Json[], report: Report): readonly Turn[] {
  const query = steps[0]?.["query"];
  const turns: Turn[] = (Array.isArray(query) ? (query as unknown[]) : []).map((message, i) => ({
    ...readHistoryMessage(message, { where: `trajectory[0].query[${i}]`, parent: i - 1, report }),
    trainable: false,
  }));
  for (const [k, step] of steps.entries()) {
    const fields = new Fields(step, `trajectory[${k}]`, report);
    const response = fields.text("response") ?? fields.text("thought") ?? "";
    const action = fields.text("action");
    const observation = fields.text("observation");
    // The program's own end ("exit_cost"), which `info` names too: nothing was said.
    if (response === "" && (observation ?? "") === "") continue;
    const extra = new Map<string, unknown>([
      ...(action === null ? [] : [["action", action] as const]),
      ...stepFacts(step),
    ]);
    turns.push({ ...textTurn("assistant", response, turns.length - 1), extra });
    if (observation !== null) turns.push(textTurn("tool", observation, turns.length - 1));
  }
  return turns;
}

/** "submitted (exit_cost)": what was there when the money ran out was submitted. */
function isCut(status: unknown): boolean | null {
  if (typeof status !== "string") return null;
  if (/exit_(?:cost|context|total_execution_time|command_timeout)|limit|timeout/i.test(status)) return true;
  return status.startsWith("submitted") ? false : null;
}
