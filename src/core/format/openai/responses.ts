import { textTurn } from "../../rollout/textTrajectory.ts";
import type { ToolCall, Turn } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { readChatMessage } from "../message/chatMessage.ts";
import { contentText } from "../message/content.ts";
import { withReasoning } from "../message/reasoning.ts";
import { responseTokens } from "./logprobs.ts";

/** An object of OpenAI's Responses API. */
export function isResponse(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    isRecord(value) &&
    Array.isArray(value["output"]) &&
    (value["object"] === "response" ||
      value["output"].some((item) => isRecord(item) && item["type"] === "message"))
  );
}

/** The items of `output` are one response: its reasoning, its text, its calls; items of other kinds are kept. */
export function readResponseTurn(
  fields: Fields,
  {
    where,
    parent,
    report,
  }: { readonly where: string; readonly parent: number } & Pick<RecordPlace, "report">,
): { readonly turn: Turn; readonly hasUnlikely: boolean } {
  const reasoning: string[] = [];
  const texts: string[] = [];
  const entries: unknown[] = [];
  const toolCalls: ToolCall[] = [];
  const others: unknown[] = [];
  for (const item of fields.list("output") ?? []) {
    const type = isRecord(item) ? item["type"] : undefined;
    if (!isRecord(item)) others.push(item);
    else if (type === "message") {
      for (const part of Array.isArray(item["content"]) ? (item["content"] as unknown[]) : []) {
        texts.push(contentText([part]) ?? "");
        const logprobs = isRecord(part) ? part["logprobs"] : null;
        if (Array.isArray(logprobs)) for (const entry of logprobs) entries.push(entry);
      }
    } else if (type === "function_call") toolCalls.push(callOf(item));
    else if (type === "reasoning")
      reasoning.push(...[item["content"], item["summary"]].map((parts) => contentText(parts) ?? ""));
    else others.push(item);
  }
  const content = texts.join("");
  const thought = reasoning.filter((text) => text !== "").join("\n\n");
  const extra = new Map<string, unknown>(others.length === 0 ? [] : [["output", others]]);
  if (thought !== "") extra.set("reasoning_content", thought);
  const turn = withReasoning({ ...textTurn("assistant", content, parent), toolCalls, extra });
  const read = responseTokens(
    { entries, ids: null },
    {
      content,
      shift: turn.content.length - content.length,
      fields: new Fields({}, `${where}.output`, report),
    },
  );
  return { turn: { ...turn, tokens: read.tokens }, hasUnlikely: read.hasUnlikely };
}

/** One of the items of `input`: a message, a call that was made, or what it gave. */
export function readInputItem(
  value: unknown,
  place: { readonly where: string; readonly parent: number } & Pick<RecordPlace, "report">,
): Turn {
  const type = isRecord(value) ? value["type"] : undefined;
  if (isRecord(value) && type === "function_call")
    return { ...textTurn("assistant", "", place.parent), trainable: false, toolCalls: [callOf(value)] };
  if (!isRecord(value) || type !== "function_call_output") return readChatMessage(value, place);
  const id = value["call_id"];
  const output = contentText(value["output"]) ?? JSON.stringify(value["output"]);
  return { ...textTurn("tool", output, place.parent), toolCallId: typeof id === "string" ? id : null };
}

function callOf(item: Readonly<Record<string, unknown>>): ToolCall {
  const { call_id: id, name, arguments: args } = item;
  return {
    id: typeof id === "string" ? id : null,
    name: typeof name === "string" ? name : "",
    arguments: typeof args === "string" ? args : args === undefined ? "" : JSON.stringify(args),
  };
}
