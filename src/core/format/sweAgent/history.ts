import type { Turn } from "../../rollout/trajectory.ts";
import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { readChatMessage } from "../message/chatMessage.ts";
import { withReasoning } from "../message/reasoning.ts";
import { parseTolerantJson } from "../tolerantJson.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * A message of SWE-agent's `history` as a turn: the agent that wrote it, the call it answers, reasoning from its
 * thinking blocks. Messages of a demonstration were not the policy's.
 */
export function readHistoryMessage(
  value: unknown,
  place: { readonly where: string; readonly parent: number } & Pick<RecordPlace, "report">,
): Turn {
  const turn = readChatMessage(value, place);
  const extra = new Map(turn.extra);
  const take = (name: string): unknown => {
    const found = extra.get(name);
    extra.delete(name);
    return found;
  };
  const [agent, ids, thinking] = [take("agent"), take("tool_call_ids"), take("thinking_blocks")];
  // A cache mark of the API says nothing of the message; a thought that is the message says nothing more.
  take("cache_control");
  if (extra.get("thought") === turn.content) extra.delete("thought");
  const reasoning = thoughts(thinking);
  if (reasoning !== "") extra.set("reasoning", reasoning);
  const id: unknown = Array.isArray(ids) ? ids[0] : undefined;
  return withReasoning(
    {
      ...turn,
      agent: typeof agent === "string" ? agent : null,
      toolCallId: turn.toolCallId ?? (typeof id === "string" ? id : null),
      trainable: turn.trainable && extra.get("is_demo") !== true,
      extra,
    },
    "reasoning",
  );
}

function thoughts(blocks: unknown): string {
  return (Array.isArray(blocks) ? (blocks as unknown[]) : [])
    .flatMap((block) => (isRecord(block) && typeof block["thinking"] === "string" ? [block["thinking"]] : []))
    .join("\n\n");
}

/** What a step of `trajectory` says beside its texts, which the history has. */
export function stepFacts({
  execution_time,
  state,
  extra_info,
}: Json): readonly (readonly [string, unknown])[] {
  return Object.entries({ execution_time, state: stateOf(state), extra_info }).filter(
    ([, value]) =>
      value !== undefined && value !== null && !(isRecord(value) && Object.keys(value).length === 0),
  );
}

/** Older versions wrote the state as JSON in a string. */
function stateOf(state: unknown): unknown {
  if (typeof state !== "string") return state;
  if (state === "") return undefined;
  const parsed = parseTolerantJson(state);
  return parsed.ok ? parsed.value : state;
}
