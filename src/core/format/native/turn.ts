import type { Attachment, ToolCall, Turn } from "../../rollout/trajectory.ts";
import { noSteps } from "../../rollout/stepSpans.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import { type RecordPlace } from "../jsonLines.ts";
import { restOf } from "./rest.ts";
import { readSteps } from "./steps.ts";
import { readTokens } from "./tokens.ts";

/** A turn of the native format; what is no object becomes an empty turn, so that indices stay right. */
export function readTurn(value: unknown, index: number, place: RecordPlace): Turn {
  const where = `turns[${index}]`;
  const report: RecordPlace["report"] = (code, message) => place.report(code, message);
  if (!isRecord(value)) report("bad-field", `${where} is not an object; the turn is shown empty.`);
  const fields = new Fields(isRecord(value) ? value : {}, where, report);
  const role = fields.text("role") ?? "unknown";
  if (isRecord(value) && !fields.has("role")) fields.wrong("role", 'is missing and is read as "unknown"');
  const content = fields.text("content") ?? "";
  const trainable = fields.flag("trainable") ?? role === "assistant";
  const tokens = fields.object("tokens");
  const steps = fields.list("steps");
  return {
    role,
    content,
    agent: fields.key("agent"),
    name: fields.key("name"),
    state: fields.key("state"),
    reward: fields.number("reward"),
    trainable,
    parent: readParent(fields, index),
    toolCalls: (fields.list("tool_calls") ?? []).flatMap((call) => readToolCall(call, fields)),
    toolCallId: fields.key("tool_call_id"),
    attachments: (fields.list("attachments") ?? []).flatMap((file) => readAttachment(file, fields)),
    time: fields.number("time"),
    tokens:
      tokens === null ? null : readTokens(tokens, { content, trainable, where: `${where}.tokens`, report }),
    steps: steps === null ? noSteps : readSteps(steps, { content, where: `${where}.steps`, report }),
    extra: restOf(fields),
  };
}

function readParent(fields: Fields, index: number): number {
  const parent = fields.integer("parent");
  if (parent === null) return index - 1;
  if (parent >= -1 && parent < index) return parent;
  fields.wrong("parent", "is not the index of an earlier turn; the turn before is taken");
  return index - 1;
}

/** Accepts the flat form `{id, name, arguments}` and the nested one of chat APIs (`function: {…}`). */
export function readToolCall(value: unknown, fields: Fields): ToolCall[] {
  const outer = isRecord(value) ? value : {};
  const call = isRecord(outer["function"]) ? outer["function"] : outer;
  const { name } = call;
  if (typeof name !== "string") {
    fields.wrong("tool_calls", "holds a call without a name; it is left out");
    return [];
  }
  const raw = call["arguments"];
  const args = typeof raw === "string" ? raw : raw === undefined || raw === null ? "" : JSON.stringify(raw);
  const id = outer["id"];
  return [{ id: typeof id === "string" ? id : null, name, arguments: args }];
}

function readAttachment(value: unknown, fields: Fields): Attachment[] {
  if (isRecord(value) && typeof value["kind"] === "string" && typeof value["uri"] === "string") {
    const { kind, uri, sha256 } = value as { kind: string; uri: string; sha256?: unknown };
    return [typeof sha256 === "string" ? { kind, uri, sha256 } : { kind, uri }];
  }
  fields.wrong("attachments", "holds an entry without kind and uri; it is left out");
  return [];
}
