import { textTurn } from "../../rollout/textTrajectory.ts";
import type { ToolCall, Turn } from "../../rollout/trajectory.ts";
import { isRecord } from "../isRecord.ts";
import { contentText } from "../message/content.ts";
import { withReasoning } from "../message/reasoning.ts";
import { placeFields, type SessionEvent } from "./event.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * The events of a chain as turns. One response of the model stands in several events, a block each, with the same
 * message id: they are one turn. What tools gave is told by the user's messages; each result is a tool's turn.
 * @param shared fields that all events share, which are told once
 */
export function turnsOf(events: readonly SessionEvent[], shared: Json): readonly Turn[] {
  const turns: Turn[] = [];
  for (let i = 0; i < events.length;) {
    const event = events[i]!;
    const id = event.type === "assistant" ? messageId(event) : null;
    let next = i + 1;
    while (id !== null && next < events.length && messageId(events[next]!) === id) next++;
    const read =
      event.type === "assistant" ? [answer(events.slice(i, next), shared)] : questions(event, shared);
    for (const turn of read) turns.push({ ...turn, parent: turns.length - 1 });
    i = next;
  }
  return turns;
}

function messageId({ type, record }: SessionEvent): string | null {
  const { message } = record;
  return type === "assistant" && isRecord(message) && typeof message["id"] === "string"
    ? message["id"]
    : null;
}

/** Blocks of a message's content; a text alone is one block. */
function blocksOf({ record }: SessionEvent): readonly unknown[] {
  const { message } = record;
  const content = isRecord(message) ? message["content"] : undefined;
  if (typeof content === "string") return [{ type: "text", text: content }];
  return Array.isArray(content) ? (content as unknown[]) : [];
}

function answer(events: readonly SessionEvent[], shared: Json): Turn {
  const texts: string[] = [];
  const thoughts: string[] = [];
  const toolCalls: ToolCall[] = [];
  for (const block of events.flatMap(blocksOf)) {
    const type = isRecord(block) ? block["type"] : undefined;
    if (isRecord(block) && type === "tool_use") toolCalls.push(callOf(block));
    else if (isRecord(block) && type === "thinking" && typeof block["thinking"] === "string")
      thoughts.push(block["thinking"]);
    else texts.push(contentText([block]) ?? "");
  }
  const last = events.at(-1)!;
  const extra = restOf(last, shared);
  if (thoughts.length > 0) extra.set("thinking", thoughts.join("\n\n"));
  const turn = textTurn("assistant", texts.filter((text) => text !== "").join("\n\n"), -1);
  return withReasoning({ ...turn, toolCalls, time: events[0]!.time, extra }, "thinking");
}

function callOf(block: Json): ToolCall {
  const { id, name, input } = block;
  return {
    id: typeof id === "string" ? id : null,
    name: typeof name === "string" ? name : "",
    arguments: input === undefined || input === null ? "" : JSON.stringify(input),
  };
}

/** Results of tools, then what the user says; a notice of the program is a system's turn. */
function questions(event: SessionEvent, shared: Json): readonly Turn[] {
  const { type, record, time } = event;
  const extra = restOf(event, shared);
  if (!isRecord(record["message"])) {
    const text = contentText(record["content"]);
    if (text === null || text === "") return [];
    extra.delete("content");
    return [{ ...textTurn(type, text, -1), time, extra }];
  }
  const blocks = blocksOf(event);
  const isResult = (block: unknown): block is Json => isRecord(block) && block["type"] === "tool_result";
  const turns = blocks.filter(isResult).map((block) => ({ ...toolTurn(block), time }));
  const said = contentText(blocks.filter((block) => !isResult(block))) ?? "";
  if (said !== "" || turns.length === 0) turns.push({ ...textTurn(type, said, -1), time });
  // What the event holds beside (the tool's whole output) is the last turn's.
  const last = turns.pop()!;
  return [...turns, { ...last, extra: new Map([...last.extra, ...extra]) }];
}

function toolTurn(block: Json): Turn {
  const { tool_use_id: id, content, is_error: isError } = block;
  const extra = new Map<string, unknown>(isError === undefined ? [] : [["is_error", isError]]);
  const text = contentText(content) ?? JSON.stringify(content);
  return { ...textTurn("tool", text, -1), toolCallId: typeof id === "string" ? id : null, extra };
}

/** Fields of the event and of its message that stand nowhere else. */
function restOf({ record }: SessionEvent, shared: Json): Map<string, unknown> {
  const rest = new Map<string, unknown>();
  for (const [name, value] of Object.entries(record)) {
    const isShared = Object.hasOwn(shared, name) && shared[name] === value;
    if (!placeFields.has(name) && !isShared) rest.set(name, value);
  }
  const { message } = record;
  for (const [name, value] of Object.entries(isRecord(message) ? message : {}))
    if (!["role", "content", "type"].includes(name)) rest.set(name === "id" ? "message_id" : name, value);
  return rest;
}
