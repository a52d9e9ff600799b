import { textTrajectory, textTurn } from "../../rollout/textTrajectory.ts";
import type { Trajectory, Turn } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord, jsonLinesFormat, type RecordPlace } from "../jsonLines.ts";
import { readToolCall } from "../native/turn.ts";

/** The fallback: `messages` as chat APIs have them, with a reward beside them where there is one. */
export const chat = jsonLinesFormat({
  id: "chat",
  label: "Chat messages",
  doc: "Any JSON Lines with `messages` (role, content, tool calls); a reward from `reward`, `score` or `rewards`.",
  matches: (record) => {
    const { messages } = record;
    return (
      Array.isArray(messages) &&
      messages.length > 0 &&
      messages.every((m) => isRecord(m) && typeof m["role"] === "string")
    );
  },
  read: (record, place) => [readConversation(record, place)],
});

function readConversation(record: Readonly<Record<string, unknown>>, place: RecordPlace): Trajectory {
  const fields = new Fields(record, "", (code, message) => place.report(code, message));
  const turns = (fields.list("messages") ?? []).map((message, i) => readMessage(message, i, place));
  const id = first(fields, ["id", "uid", "custom_id"]);
  const group = first(fields, ["group", "group_id", "prompt_id"]);
  const rewards = new Map<string, number>();
  const parts = isRecord(record["rewards"]) ? fields.object("rewards") : null;
  for (const [name, value] of Object.entries(parts ?? {}))
    if (typeof value === "number") rewards.set(name, value);
  return {
    ...textTrajectory(id ?? `L${place.line}`, turns),
    idLogged: id !== null,
    run: fields.key("run"),
    group,
    groupSource: group === null ? "none" : "explicit",
    trainStep: fields.integerOrText(fields.has("train_step") ? "train_step" : "step"),
    reward: firstNumber(fields, parts === null ? ["reward", "score", "rewards"] : ["reward", "score"]),
    rewards,
    success: fields.flag("success"),
    truncated: fields.flag("truncated"),
    answer: fields.key("answer"),
    metadata: fields.raw("metadata"),
    extra: fields.rest(),
  };
}

function first(fields: Fields, names: readonly string[]): string | null {
  for (const name of names) if (fields.has(name)) return fields.key(name);
  return null;
}

function firstNumber(fields: Fields, names: readonly string[]): number {
  for (const name of names) if (fields.has(name)) return fields.numberOrText(name);
  return NaN;
}

function readMessage(value: unknown, index: number, place: RecordPlace): Turn {
  const where = `messages[${index}]`;
  if (!isRecord(value)) place.report("bad-field", `${where} is not an object; the turn is shown empty.`);
  const fields = new Fields(isRecord(value) ? value : {}, where, (code, message) =>
    place.report(code, message),
  );
  const role = fields.text("role") ?? "unknown";
  return {
    ...textTurn(role, contentOf(fields), index - 1),
    name: fields.key("name"),
    toolCalls: (fields.list("tool_calls") ?? []).flatMap((call) => readToolCall(call, fields)),
    toolCallId: fields.key("tool_call_id"),
    extra: fields.rest(),
  };
}

/** Text of a message: a string, or the text parts of a list; other parts are named, never fetched. */
function contentOf(fields: Fields): string {
  const content = fields.raw("content");
  if (typeof content === "string") return content;
  if (content === undefined || content === null) return "";
  if (!Array.isArray(content)) {
    fields.wrong("content", "is neither a string nor a list of parts and is shown as JSON");
    return JSON.stringify(content);
  }
  return content.map(partText).join("");
}

function partText(part: unknown): string {
  if (typeof part === "string") return part;
  if (isRecord(part) && typeof part["text"] === "string") return part["text"];
  return isRecord(part) && typeof part["type"] === "string" ? `[${part["type"]}]` : "";
}
