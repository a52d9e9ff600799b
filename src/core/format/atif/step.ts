import { textTurn } from "../../rollout/textTrajectory.ts";
import type { Attachment, ToolCall, Turn } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isoSeconds } from "../isoTime.ts";
import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { contentText } from "../message/content.ts";
import { withReasoning } from "../message/reasoning.ts";

type Json = Readonly<Record<string, unknown>>;
type Report = RecordPlace["report"];

/** A step's own turn and those of its observation. */
export interface StepTurns {
  readonly own: Turn;
  readonly observed: readonly Turn[];
  readonly metrics: Json | null;
}

/** A step as turns; `parent` of the first, the others follow each other. */
export function readStep(
  step: Json,
  { where, parent, report }: { where: string; parent: number; report: Report },
): StepTurns {
  const fields = new Fields(step, where, report);
  const source = fields.text("source") ?? "unknown";
  const message = fields.raw("message");
  const content = contentText(message);
  if (content === null)
    fields.wrong("message", "is neither a string nor a list of parts and is shown as JSON");
  const calls = (fields.list("tool_calls") ?? []).flatMap((call) => readCall(call, fields));
  const metrics = fields.object("metrics");
  const observation = fields.object("observation");
  const time = isoSeconds(fields.text("timestamp"));
  const role = source === "agent" ? "assistant" : source;
  const rest = fields.rest();
  const told = withoutTokens(metrics);
  if (told !== null) rest.set("metrics", told);
  const own: Turn = {
    ...textTurn(role, content ?? JSON.stringify(message), parent),
    // A step of the agent's program that called no model is not the model's.
    trainable: role === "assistant" && rest.get("llm_call_count") !== 0,
    toolCalls: calls,
    attachments: attachmentsOf(message),
    time,
    extra: rest,
  };
  const observed =
    observation === null
      ? []
      : readObservation(observation, { where: `${where}.observation`, parent: parent + 1, report, calls });
  return { own: withReasoning(own), observed, metrics };
}

function readCall(value: unknown, fields: Fields): readonly ToolCall[] {
  if (!isRecord(value) || typeof value["function_name"] !== "string") {
    fields.wrong("tool_calls", "holds a call without a name; it is left out");
    return [];
  }
  const { tool_call_id: id, function_name: name, arguments: args } = value;
  const text =
    typeof args === "string" ? args : args === undefined || args === null ? "" : JSON.stringify(args);
  return [{ id: typeof id === "string" ? id : null, name, arguments: text }];
}

/** What came back: a turn a result; one that answers no call is the environment speaking all the same. */
function readObservation(
  observation: Json,
  {
    where,
    parent,
    report,
    calls,
  }: { where: string; parent: number; report: Report; calls: readonly ToolCall[] },
): readonly Turn[] {
  const results = new Fields(observation, where, report).list("results") ?? [];
  return results.map((value, k) => {
    const fields = new Fields(isRecord(value) ? value : {}, `${where}.results[${k}]`, report);
    if (!isRecord(value))
      report("bad-field", `${where}.results[${k}] is not an object; the turn is shown empty.`);
    const content = fields.raw("content");
    const id = fields.key("source_call_id");
    return {
      ...textTurn("tool", contentText(content) ?? JSON.stringify(content), parent + k),
      name: calls.find((call) => call.id !== null && call.id === id)?.name ?? null,
      toolCallId: id,
      attachments: attachmentsOf(content),
      extra: fields.rest(),
    };
  });
}

/** Parts that are pictures or sounds, by their paths beside the log. */
function attachmentsOf(content: unknown): readonly Attachment[] {
  return (Array.isArray(content) ? (content as unknown[]) : []).flatMap((part) => {
    const source = isRecord(part) ? part["source"] : undefined;
    const kind = isRecord(part) ? part["type"] : undefined;
    return isRecord(source) && typeof source["path"] === "string" && typeof kind === "string"
      ? [{ kind, uri: source["path"] }]
      : [];
  });
}

/** The tokens are read as tokens. */
function withoutTokens(metrics: Json | null): Json | null {
  if (metrics === null) return null;
  const { prompt_token_ids: _, completion_token_ids: __, logprobs: ___, ...rest } = metrics;
  return Object.keys(rest).length === 0 ? null : rest;
}
