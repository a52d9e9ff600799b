import { textTrajectory } from "../../rollout/textTrajectory.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import { jsonLinesFormat, type RecordPlace } from "../jsonLines.ts";
import { readChatMessage } from "../message/chatMessage.ts";

/** The fallback: `messages` as chat APIs have them, with a reward beside them where there is one. */
export const chat = jsonLinesFormat({
  id: "chat",
  label: "Chat messages",
  written: "no writer of its own: what chat APIs take",
  lacks: "tokens, train steps",
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
  const turns = (fields.list("messages") ?? []).map((message, i) =>
    readChatMessage(message, {
      where: `messages[${i}]`,
      parent: i - 1,
      report: (code, text) => place.report(code, text),
    }),
  );
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
