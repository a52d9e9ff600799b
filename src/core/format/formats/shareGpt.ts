import { textTrajectory, textTurn } from "../../rollout/textTrajectory.ts";
import type { Trajectory, Turn } from "../../rollout/trajectory.ts";
import { Fields, toNumber } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import { jsonLinesFormat, type RecordPlace } from "../jsonLines.ts";
import { contentText } from "../message/content.ts";
import { readId } from "../readId.ts";

/**
 * ShareGPT's conversations, as LLaMA-Factory, Axolotl and others keep them: `from` and `value`, or `role` and `content`.
 * A call stands as JSON text in a turn of its own, and stays that text.
 */
export const shareGpt = jsonLinesFormat({
  id: "shareGpt",
  label: "ShareGPT",
  written: "ShareGPT as in LLaMA-Factory (main at ff6d4d12e)",
  lacks: "tokens, groups, train steps; rewards but where a row has `reward` or `score`",
  doc: "`conversations` of `from` (human, gpt, system, function_call, observation, tool) and `value`; a weight of 0 is not trained on.",
  matches: ({ conversations }) =>
    Array.isArray(conversations) && conversations.length > 0 && conversations.every(isMessage),
  columns: (names) => names.includes("conversations"),
  read: (record, place) => [readConversation(record, place)],
});

function isMessage(value: unknown): boolean {
  if (!isRecord(value)) return false;
  return (
    (typeof value["from"] === "string" && "value" in value) ||
    (typeof value["role"] === "string" && "content" in value)
  );
}

function readConversation(record: Readonly<Record<string, unknown>>, place: RecordPlace): Trajectory {
  const report: RecordPlace["report"] = (code, message) => place.report(code, message);
  const fields = new Fields(record, "", report);
  const system = typeof record["system"] === "string" ? fields.text("system") : null;
  const turns: Turn[] = system === null || system === "" ? [] : [textTurn("system", system, -1)];
  for (const [i, message] of (fields.list("conversations") ?? []).entries())
    turns.push(readMessage(message, { where: `conversations[${i}]`, parent: turns.length - 1, report }));
  const id = readId(fields, "id");
  return {
    ...textTrajectory(id ?? `L${place.line}`, turns),
    idLogged: id !== null,
    reward: fields.numberOrText(fields.has("reward") ? "reward" : "score"),
    extra: fields.rest(),
  };
}

/** Speakers that are roles by another name; a call is the model's, what it gives the tool's. */
const roles: ReadonlyMap<string, string> = new Map([
  ["human", "user"],
  ["gpt", "assistant"],
  ["chatgpt", "assistant"],
  ["model", "assistant"],
  ["function_call", "assistant"],
  ["observation", "tool"],
]);

function readMessage(
  value: unknown,
  {
    where,
    parent,
    report,
  }: { readonly where: string; readonly parent: number } & Pick<RecordPlace, "report">,
): Turn {
  if (!isRecord(value)) report("bad-field", `${where} is not an object; the turn is shown empty.`);
  const fields = new Fields(isRecord(value) ? value : {}, where, report);
  const from = fields.text(fields.has("from") ? "from" : "role") ?? "unknown";
  const raw = fields.raw(fields.has("from") ? "value" : "content");
  const content = contentText(raw);
  if (content === null)
    report("bad-field", `${where} holds neither a text nor a list of parts; it is shown as JSON.`);
  const role = roles.get(from) ?? from;
  const extra = fields.rest();
  if (from === "function_call") extra.set("from", from);
  const turn = textTurn(role, content ?? JSON.stringify(raw), parent);
  return { ...turn, name: nameOf(extra), trainable: turn.trainable && isTrained(extra), extra };
}

function nameOf(extra: Map<string, unknown>): string | null {
  const name = extra.get("name");
  if (typeof name !== "string") return null;
  extra.delete("name");
  return name;
}

/** `weight`, `loss` and `train` say whether a turn is trained on; the field stays in `extra`, as a weight may be any number. */
function isTrained(extra: ReadonlyMap<string, unknown>): boolean {
  return !["weight", "loss", "train"].some((name) => {
    const value = extra.get(name);
    return value === false || toNumber(value) === 0;
  });
}
