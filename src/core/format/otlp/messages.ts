import type { ToolCall } from "../../rollout/trajectory.ts";
import { isRecord } from "../isRecord.ts";
import { contentText } from "../message/content.ts";
import { parseTolerantJson } from "../tolerantJson.ts";
import type { Attributes } from "./attributes.ts";

type Json = Readonly<Record<string, unknown>>;

/** A message in one form, whichever way it was logged. */
export interface SpanMessage {
  readonly role: string;
  readonly content: string;
  /** "" where there is none. */
  readonly reasoning: string;
  readonly toolCalls: readonly ToolCall[];
  readonly toolCallId: string | null;
  readonly finishReason: string | null;
}

/** What a chat span was asked and what it answered. */
export interface SpanMessages {
  readonly input: readonly SpanMessage[];
  readonly output: readonly SpanMessage[];
}

/**
 * The messages of a chat span: `gen_ai.input.messages` and `gen_ai.output.messages` on it or on its event, else the
 * events of conventions up to 1.36, else OpenLLMetry's `gen_ai.prompt.0.role`. Empty where content was not captured.
 */
export function messagesOf(attributes: Attributes, events: readonly SpanEvent[]): SpanMessages {
  const details = events.find(({ name }) => name === "gen_ai.client.inference.operation.details")?.attributes;
  for (const place of [attributes, details]) {
    if (place === undefined) continue;
    const found = structured(place);
    if (found.input.length + found.output.length > 0) return found;
  }
  const told = fromEvents(events);
  return told.input.length + told.output.length > 0 ? told : flattened(attributes);
}

export interface SpanEvent {
  readonly name: string;
  readonly attributes: Attributes;
}

/** Names of attributes that are read here; the others are shown as they are. */
export function isContent(name: string): boolean {
  return /^gen_ai\.(?:(?:input|output)\.messages$|system_instructions$|(?:prompt|completion)\.\d+\.)/.test(
    name,
  );
}

function structured(attributes: Attributes): SpanMessages {
  const system = unwrapped(attributes.get("gen_ai.system_instructions"));
  const parts = typeof system === "string" ? [{ type: "text", content: system }] : system;
  const instructions =
    Array.isArray(parts) && parts.length > 0 ? [messageOf({ role: "system", parts }, "system")] : [];
  return {
    input: [...instructions, ...listOf(attributes.get("gen_ai.input.messages"), "user")],
    output: listOf(attributes.get("gen_ai.output.messages"), "assistant"),
  };
}

/** A structured value, or the same as JSON text. */
function unwrapped(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const parsed = parseTolerantJson(value);
  return parsed.ok ? parsed.value : value;
}

function listOf(value: unknown, role: string): readonly SpanMessage[] {
  const list = unwrapped(value);
  if (typeof list === "string" && list !== "") return [messageOf({ content: list }, role)];
  return Array.isArray(list) ? list.flatMap((one) => (isRecord(one) ? [messageOf(one, role)] : [])) : [];
}

/** With `parts` as the conventions have them, or with `content` and `tool_calls` as chat APIs do. */
function messageOf(message: Json, role: string): SpanMessage {
  const texts: string[] = [];
  const thoughts: string[] = [];
  const toolCalls: ToolCall[] = [];
  const own = textOf(message["role"]) ?? role;
  // Events name a tool's answer by `id`.
  let toolCallId = own === "tool" ? (textOf(message["tool_call_id"]) ?? textOf(message["id"])) : null;
  const parts = Array.isArray(message["parts"]) ? (message["parts"] as unknown[]) : [];
  for (const part of parts) {
    if (!isRecord(part)) continue;
    const { type, content } = part;
    if (type === "tool_call") toolCalls.push(callOf(part));
    else if (type === "tool_call_response") {
      toolCallId = textOf(part["id"]) ?? toolCallId;
      texts.push(shown(part["result"] ?? part["response"]));
    } else if (type === "reasoning") thoughts.push(shown(content));
    else texts.push(type === "text" ? shown(content) : `[${textOf(type) ?? "part"}]`);
  }
  if (!Array.isArray(message["parts"]))
    texts.push(contentText(message["content"]) ?? shown(message["content"]));
  const calls = Array.isArray(message["tool_calls"]) ? (message["tool_calls"] as unknown[]) : [];
  for (const call of calls) if (isRecord(call)) toolCalls.push(callOf(call));
  return {
    role: own,
    content: texts.join(""),
    reasoning: thoughts.join("\n\n"),
    toolCalls,
    toolCallId,
    finishReason: textOf(message["finish_reason"]),
  };
}

function callOf(call: Json): ToolCall {
  const inner = isRecord(call["function"]) ? call["function"] : call;
  return {
    id: textOf(call["id"]),
    name: textOf(inner["name"]) ?? "",
    arguments: shown(inner["arguments"]),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** `gen_ai.user.message`, …, `gen_ai.choice`: the message in the event's attributes, or as JSON in one of them. */
function fromEvents(events: readonly SpanEvent[]): SpanMessages {
  const input: SpanMessage[] = [];
  const output: SpanMessage[] = [];
  for (const { name, attributes } of events) {
    const role = /^gen_ai\.(system|user|assistant|tool)\.message$/.exec(name)?.[1];
    if (role !== undefined) input.push(messageOf(eventBody(attributes), role));
    else if (name === "gen_ai.choice") {
      const body = eventBody(attributes);
      const inner = unwrapped(body["message"]);
      const finish = body["finish_reason"];
      const message = isRecord(inner) ? inner : typeof inner === "string" ? { content: inner } : body;
      output.push(messageOf({ ...message, finish_reason: finish }, "assistant"));
    } else if (name === "gen_ai.content.prompt")
      input.push(...listOf(attributes.get("gen_ai.prompt"), "user"));
    else if (name === "gen_ai.content.completion")
      output.push(...listOf(attributes.get("gen_ai.completion"), "assistant"));
  }
  return { input, output };
}

function eventBody(attributes: Attributes): Json {
  const whole = unwrapped(attributes.get("gen_ai.event.content"));
  const body = isRecord(whole) ? whole : Object.fromEntries(attributes);
  const calls = unwrapped(body["tool_calls"]);
  return { ...body, content: body["content"], tool_calls: calls };
}

/** OpenLLMetry writes a message's fields as attributes of their own, numbered. */
function flattened(attributes: Attributes): SpanMessages {
  const lists = {
    prompt: new Map<number, Map<string, unknown>>(),
    completion: new Map<number, Map<string, unknown>>(),
  };
  for (const [name, value] of attributes) {
    const [, list, index, field] = /^gen_ai\.(prompt|completion)\.(\d{1,6})\.(.+)$/.exec(name) ?? [];
    if (field === undefined) continue;
    const messages = lists[list as keyof typeof lists];
    const message = messages.get(Number(index)) ?? new Map<string, unknown>();
    messages.set(Number(index), message.set(field, value));
  }
  const inOrder = (messages: Map<number, Map<string, unknown>>, role: string): readonly SpanMessage[] =>
    [...messages]
      .sort(([a], [b]) => a - b)
      .map(([, fields]) => messageOf({ ...Object.fromEntries(fields), tool_calls: flatCalls(fields) }, role));
  return { input: inOrder(lists.prompt, "user"), output: inOrder(lists.completion, "assistant") };
}

function flatCalls(fields: ReadonlyMap<string, unknown>): readonly Json[] {
  const calls = new Map<string, Map<string, unknown>>();
  for (const [name, value] of fields) {
    const [, index, field] = /^tool_calls\.(\d{1,6})\.(id|name|arguments)$/.exec(name) ?? [];
    if (field === undefined) continue;
    calls.set(index!, (calls.get(index!) ?? new Map<string, unknown>()).set(field, value));
  }
  return [...calls.values()].map((call) => Object.fromEntries(call));
}
