import { noSteps, type StepSpans } from "../../rollout/stepSpans.ts";
import { textTurn } from "../../rollout/textTrajectory.ts";
import type { ToolCall, Turn } from "../../rollout/trajectory.ts";
import { readCallTokens, TokenPlacer } from "../atif/tokens.ts";
import { Fields } from "../fields.ts";
import { isoSeconds } from "../isoTime.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { readChatMessage } from "../message/chatMessage.ts";
import { contentText } from "../message/content.ts";
import { withReasoning } from "../message/reasoning.ts";

type Json = Readonly<Record<string, unknown>>;
type Report = RecordPlace["report"];

export function kindOf(event: Json): string {
  const { kind } = event;
  return typeof kind === "string" ? (kind.split(".").at(-1) ?? "") : "";
}

/** Events that no one said: states, pieces of a stream, logs of calls that stand in events of their own. */
const silent: ReadonlySet<string> = new Set([
  "ConversationStateUpdateEvent",
  "CondensationRequest",
  "ConversationErrorEvent",
  "HookExecutionEvent",
  "InterruptEvent",
  "LLMCompletionLogEvent",
  "PauseEvent",
  "StreamingDeltaEvent",
]);

/** The events of one branch of a conversation as turns. Calls of one answer of the model are one turn. */
export function readConversation(events: readonly Json[], report: Report): readonly Turn[] {
  const turns: Turn[] = [];
  const placer = new TokenPlacer();
  /** The turn of the model's last answer, and its answer's id. */
  let [answer, response] = [-1, ""];
  for (const event of events) {
    const kind = kindOf(event);
    const where = `event ${typeof event["id"] === "string" ? event["id"].slice(0, 40) : "without an id"}`;
    if (silent.has(kind)) continue;
    if (kind === "TokenEvent") {
      // It follows the answer that it is about, and what came back.
      const { prompt_token_ids, response_token_ids: completion_token_ids } = event;
      if (answer >= 0)
        placer.place(
          turns,
          answer,
          readCallTokens({ prompt_token_ids, completion_token_ids }, where, report),
        );
      continue;
    }
    const turn = readEvent(event, kind, { where, parent: turns.length - 1, report });
    const id = event["llm_response_id"];
    if (kind === "ActionEvent" && answer >= 0 && id === response) {
      turns[answer] = joined(turns[answer]!, turn);
      continue;
    }
    turns.push(turn);
    if (turn.trainable) [answer, response] = [turns.length - 1, typeof id === "string" ? id : ""];
  }
  return turns;
}

/** Another call of the same answer. Its thought is said once, with the first. */
function joined(turn: Turn, next: Turn): Turn {
  const content = next.content === "" ? turn.content : turn.content + next.content;
  const steps = next.steps.n > 0 ? next.steps : turn.steps;
  return {
    ...turn,
    content,
    toolCalls: [...turn.toolCalls, ...next.toolCalls],
    steps: spanning(content, steps),
    extra: new Map([...next.extra, ...turn.extra]),
  };
}

interface EventPlace {
  readonly where: string;
  readonly parent: number;
  readonly report: Report;
}

function readEvent(event: Json, kind: string, place: EventPlace): Turn {
  const fields = new Fields(event, place.where, place.report);
  for (const name of ["id", "kind", "timestamp", "parent_id", "llm_response_id"]) fields.raw(name);
  const turn = readKind(fields, kind, place);
  const time = isoSeconds(event["timestamp"]);
  const critic = turn.trainable ? fields.object("critic_result") : null;
  const rest = fields.rest();
  if (critic !== null) rest.set("critic_result", critic);
  const told = [...rest].filter(
    ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0),
  );
  const whole = withReasoning({ ...turn, time, extra: new Map([...turn.extra, ...told]) });
  return { ...whole, steps: criticStep(whole.content, critic) };
}

function readKind(fields: Fields, kind: string, place: EventPlace): Turn {
  const { parent } = place;
  switch (kind) {
    case "SystemPromptEvent": {
      const texts = [fields.raw("system_prompt"), fields.raw("dynamic_context")].map(
        (part) => contentText([part]) ?? "",
      );
      fields.raw("tools");
      fields.raw("source");
      return textTurn("system", texts.filter((text) => text !== "").join("\n\n"), parent);
    }
    case "MessageEvent":
      return readMessage(fields, place);
    case "ActionEvent":
      return readAction(fields, parent);
    case "ObservationEvent":
    case "UserRejectObservation":
    case "AgentErrorEvent":
      return readObservation(fields, kind, parent);
    case "Condensation":
      return { ...textTurn("environment", fields.text("summary") ?? "", parent), name: "Condensation" };
    default:
      return { ...textTurn("environment", "", parent), name: kind };
  }
}

function readMessage(fields: Fields, { where, parent, report }: EventPlace): Turn {
  const message = fields.object("llm_message") ?? {};
  const extended = fields.raw("extended_content");
  const source = fields.text("source");
  const content: unknown = message["content"];
  // What the program adds to a message (a skill's text) the model reads with it.
  const whole =
    Array.isArray(content) && Array.isArray(extended) ? [...content, ...(extended as unknown[])] : content;
  const turn = readChatMessage(
    { ...message, content: whole },
    { where: `${where}.llm_message`, parent, report },
  );
  const kept = new Map(
    [...turn.extra].filter(([name, value]) => name === "reasoning_content" && typeof value === "string"),
  );
  return { ...turn, trainable: source === "agent", extra: kept };
}

function readAction(fields: Fields, parent: number): Turn {
  const call = fields.object("tool_call") ?? {};
  const [name, id] = [fields.text("tool_name"), fields.text("tool_call_id")];
  const args: unknown = call["arguments"];
  const written: ToolCall = {
    id,
    name: name ?? "",
    arguments: typeof args === "string" ? args : args === undefined ? "" : JSON.stringify(args),
  };
  // The action is the call once more, as the program understood it; encrypted reasoning says nothing.
  for (const part of ["action", "source", "thinking_blocks", "responses_reasoning_item", "reasoning_details"])
    fields.raw(part);
  return { ...textTurn("assistant", contentText(fields.raw("thought")) ?? "", parent), toolCalls: [written] };
}

function readObservation(fields: Fields, kind: string, parent: number): Turn {
  const observation = fields.object("observation") ?? {};
  const [name, id] = [fields.text("tool_name"), fields.text("tool_call_id")];
  const extended = fields.list("extended_content") ?? [];
  for (const known of ["source", "action_id"]) fields.raw(known);
  const { content, kind: _, ...rest } = observation;
  const told =
    kind === "AgentErrorEvent"
      ? (fields.text("error") ?? "")
      : kind === "UserRejectObservation"
        ? `Action rejected: ${fields.text("rejection_reason") ?? ""}`
        : (contentText(Array.isArray(content) ? [...(content as unknown[]), ...extended] : content) ??
          JSON.stringify(content));
  const facts = Object.entries(rest).filter(([, value]) => value !== null);
  return { ...textTurn("tool", told, parent), name, toolCallId: id, extra: new Map(facts) };
}

/** A critic's chance of success after this turn: a value, for the whole turn. */
function criticStep(content: string, critic: Json | null): StepSpans {
  const score = critic?.["score"];
  if (typeof score !== "number") return noSteps;
  return spanning(content, {
    ...noSteps,
    n: 1,
    source: "logged",
    columns: new Map([["value", Float64Array.of(score)]]),
  });
}

function spanning(content: string, steps: StepSpans): StepSpans {
  return steps.n === 0 ? steps : { ...steps, start: Int32Array.of(0), end: Int32Array.of(content.length) };
}
