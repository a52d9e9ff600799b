import { textTurn } from "../../rollout/textTrajectory.ts";
import type { Turn } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { readToolCall } from "../native/turn.ts";
import { contentText } from "./content.ts";

/**
 * A message as chat APIs have it (role, content as text or parts, tool_calls, tool_call_id, name) as a turn; what it
 * holds beside is the turn's `extra`. What is no object becomes an empty turn, so that indices stay right.
 * @param where path of the message for reports, as `messages[2]`
 */
export function readChatMessage(
  value: unknown,
  {
    where,
    parent,
    report,
  }: { readonly where: string; readonly parent: number } & Pick<RecordPlace, "report">,
): Turn {
  if (!isRecord(value)) report("bad-field", `${where} is not an object; the turn is shown empty.`);
  const fields = new Fields(isRecord(value) ? value : {}, where, report);
  const role = fields.text("role") ?? "unknown";
  const content = contentText(fields.raw("content"));
  if (content === null)
    fields.wrong("content", "is neither a string nor a list of parts and is shown as JSON");
  return {
    ...textTurn(role, content ?? JSON.stringify(fields.raw("content")), parent),
    name: fields.key("name"),
    toolCalls: (fields.list("tool_calls") ?? []).flatMap((call) => readToolCall(call, fields)),
    toolCallId: fields.key("tool_call_id"),
    extra: fields.rest(),
  };
}
