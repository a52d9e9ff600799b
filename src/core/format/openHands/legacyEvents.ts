import { textTurn } from "../../rollout/textTrajectory.ts";
import type { ToolCall, Turn } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isoSeconds } from "../isoTime.ts";
import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";

type Json = Readonly<Record<string, unknown>>;
type Report = RecordPlace["report"];

export function isLegacyEvent(record: Json): boolean {
  return (
    typeof record["source"] === "string" &&
    (typeof record["action"] === "string" || typeof record["observation"] === "string")
  );
}

/** The program's own states: nothing that the model or the environment said. */
const bookkeeping: ReadonlySet<unknown> = new Set(["null", "change_agent_state", "agent_state_changed"]);

/**
 * Events of OpenHands before its SDK as turns: an action of the agent is what the model wrote (its thought and the call),
 * an observation what came back. Older evaluations keep them in pairs.
 */
export function readLegacyEvents(events: readonly unknown[], report: Report): readonly Turn[] {
  const turns: Turn[] = [];
  for (const [i, event] of events.flat(1).entries()) {
    const where = `history[${i}]`;
    if (!isRecord(event)) report("bad-field", `${where} is not an object and is left out.`);
    if (!isRecord(event) || bookkeeping.has(event["action"]) || bookkeeping.has(event["observation"]))
      continue;
    turns.push(readEvent(event, { where, parent: turns.length - 1, report }));
  }
  return turns;
}

interface EventPlace {
  readonly where: string;
  readonly parent: number;
  readonly report: Report;
}

function readEvent(event: Json, { where, parent, report }: EventPlace): Turn {
  const fields = new Fields(event, where, report);
  const call = isRecord(event["tool_call_metadata"]) ? event["tool_call_metadata"] : {};
  const response: Json = isRecord(call["model_response"]) ? call["model_response"] : {};
  for (const name of ["tool_call_metadata", "timestamp"]) fields.raw(name);
  const turn = fields.has("observation")
    ? readObservation(fields, call, parent)
    : readAction(fields, { call, response, parent });
  const extra = fields.rest();
  if (typeof response["model"] === "string" && turn.trainable) extra.set("model", response["model"]);
  return { ...turn, time: isoSeconds(event["timestamp"]), extra };
}

function readObservation(fields: Fields, call: Json, parent: number): Turn {
  const kind = fields.text("observation") ?? "";
  const source = fields.text("source");
  const content = fields.text("content") ?? fields.text("message") ?? "";
  fields.raw("message");
  const id = call["tool_call_id"];
  const name = call["function_name"];
  return {
    // What answers no act of the agent's is the program speaking: it recalled something.
    ...textTurn(typeof id === "string" || source === "agent" ? "tool" : "environment", content, parent),
    name: typeof name === "string" ? name : kind,
    toolCallId: typeof id === "string" ? id : null,
  };
}

interface ActionPlace {
  readonly call: Json;
  readonly response: Json;
  readonly parent: number;
}

function readAction(fields: Fields, { call, response, parent }: ActionPlace): Turn {
  const action = fields.text("action") ?? "";
  const source = fields.text("source") ?? "";
  const args = fields.object("args") ?? {};
  const message = fields.text("message") ?? "";
  const isSaid = action === "message" || action === "system";
  const content = textOf(args["content"]);
  if (isSaid) {
    const role = action === "system" ? "system" : source === "agent" ? "assistant" : source;
    return textTurn(role, content ?? message, parent);
  }
  // What the program does by itself (it recalls a file of instructions) is no act of the model's.
  if (source !== "agent") return { ...textTurn("environment", message, parent), name: action };
  const { thought, ...rest } = args;
  const said =
    textOf(thought) ?? textOf(messageOf(response, call)["content"]) ?? textOf(args["final_thought"]) ?? "";
  return {
    ...textTurn("assistant", said, parent),
    toolCalls: [callOf(call, response, { action, args: rest })],
  };
}

/** The call as the model wrote it, else the action that was made of it. */
function callOf(
  call: Json,
  response: Json,
  made: { readonly action: string; readonly args: Json },
): ToolCall {
  const { tool_call_id: id, function_name: name } = call;
  const { tool_calls: calls } = messageOf(response, call);
  const own: unknown = (Array.isArray(calls) ? (calls as unknown[]) : []).find(
    (one) => isRecord(one) && one["id"] === id,
  );
  const written = isRecord(own) && isRecord(own["function"]) ? own["function"]["arguments"] : undefined;
  return {
    id: typeof id === "string" ? id : null,
    name: typeof name === "string" ? name : made.action,
    arguments: typeof written === "string" ? written : JSON.stringify(made.args),
  };
}

function messageOf(response: Json, call: Json): Json {
  const choices = response["choices"];
  const first: unknown = Array.isArray(choices) ? choices[0] : undefined;
  const message = isRecord(first) ? first["message"] : call["message"];
  return isRecord(message) ? message : {};
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
