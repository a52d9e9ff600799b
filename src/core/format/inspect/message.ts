import type { Attachment, Turn } from "../../rollout/trajectory.ts";
import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { readChatMessage } from "../message/chatMessage.ts";
import { withReasoning } from "../message/reasoning.ts";

type Json = Readonly<Record<string, unknown>>;

/** A message of Inspect's as a turn, and the answer's own text: where the tokens of an output lie. */
export interface ReadMessage {
  readonly turn: Turn;
  readonly answer: string;
}

/**
 * A ChatMessage: tool calls name their `function` and hold arguments as objects, reasoning is a part of the content (a
 * field of its own until 0.3.65), a tool's answer names its function.
 */
export function readInspectMessage(
  value: unknown,
  place: { readonly where: string; readonly parent: number } & Pick<RecordPlace, "report">,
): ReadMessage {
  const message: Json = isRecord(value) ? value : {};
  const { tool_calls: calls, function: name, content } = message;
  const parts: readonly unknown[] = Array.isArray(content) ? content : [];
  const reasoning = parts.map(reasoningOf).filter((text) => text !== "");
  const plain: Record<string, unknown> = { ...message };
  if (reasoning.length > 0) {
    plain["content"] = parts.filter((part) => !isRecord(part) || part["type"] !== "reasoning");
    plain["reasoning"] = reasoning.join("\n\n");
  }
  if (Array.isArray(calls)) plain["tool_calls"] = calls.map(plainCall);
  if (typeof name === "string" && message["name"] === undefined) {
    plain["name"] = name;
    delete plain["function"];
  }
  const read = readChatMessage(isRecord(value) ? plain : value, place);
  const failed = parseErrors(calls);
  const extra =
    failed.length === 0 ? read.extra : new Map([...read.extra, ["parse_errors", failed] as const]);
  const turn = {
    ...read,
    extra,
    // A message of the sample's input is an example, not the model's own.
    trainable: read.trainable && message["source"] !== "input",
    attachments: parts.flatMap(attachmentOf),
  };
  return { turn: withReasoning(turn, "reasoning"), answer: read.content };
}

/** Reasoning that the provider keeps to itself may have a summary. */
function reasoningOf(part: unknown): string {
  if (!isRecord(part) || part["type"] !== "reasoning") return "";
  const { reasoning, summary, redacted } = part;
  if (redacted === true) return typeof summary === "string" ? summary : "";
  return typeof reasoning === "string" ? reasoning : "";
}

function plainCall(call: unknown): unknown {
  return isRecord(call) && typeof call["function"] === "string"
    ? { id: call["id"], name: call["function"], arguments: call["arguments"] }
    : call;
}

function parseErrors(calls: unknown): readonly unknown[] {
  return (Array.isArray(calls) ? calls : []).flatMap((call: unknown) =>
    isRecord(call) && call["parse_error"] !== undefined && call["parse_error"] !== null
      ? [call["parse_error"]]
      : [],
  );
}

function attachmentOf(part: unknown): readonly Attachment[] {
  const kind = isRecord(part) ? part["type"] : undefined;
  if (!isRecord(part) || typeof kind !== "string" || !/^(?:image|audio|video|document)$/.test(kind))
    return [];
  const uri = part[kind];
  return typeof uri === "string" && !uri.startsWith("data:") ? [{ kind, uri }] : [];
}
