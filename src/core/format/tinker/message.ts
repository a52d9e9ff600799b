import type { Turn } from "../../rollout/trajectory.ts";
import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { readChatMessage } from "../message/chatMessage.ts";
import { withReasoning } from "../message/reasoning.ts";

/** A message of a logged conversation: `content`, or `parts` of which thinking ones are reasoning. */
export function readLoggedMessage(
  value: unknown,
  place: { readonly where: string; readonly parent: number } & Pick<RecordPlace, "report">,
): Turn {
  if (!isRecord(value)) return readChatMessage(value, place);
  const { parts, ...rest } = value;
  const content = Object.hasOwn(value, "content") ? value["content"] : parts;
  if (!Array.isArray(content)) return readChatMessage({ ...rest, content }, place);
  const isThought = (part: unknown): part is Readonly<Record<string, unknown>> =>
    isRecord(part) && part["type"] === "thinking" && typeof part["thinking"] === "string";
  const thoughts = content.filter(isThought).map((part) => part["thinking"] as string);
  const turn = readChatMessage({ ...rest, content: content.filter((part) => !isThought(part)) }, place);
  if (thoughts.length === 0) return turn;
  return withReasoning(
    { ...turn, extra: new Map([...turn.extra, ["thinking", thoughts.join("\n\n")]]) },
    "thinking",
  );
}
