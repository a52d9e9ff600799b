import type { Turn } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { readChatMessage } from "../message/chatMessage.ts";
import { withReasoning } from "../message/reasoning.ts";
import { loggedTokens, responseTokens } from "./logprobs.ts";

/** One of a completion's `choices` as the turn it is. */
export interface ReadChoice {
  readonly turn: Turn;
  readonly finishReason: string | null;
  readonly hasUnlikely: boolean;
}

/** `{index, message, finish_reason, logprobs}` of the chat completions API. */
export function readChoice(
  value: Readonly<Record<string, unknown>>,
  {
    where,
    parent,
    report,
  }: { readonly where: string; readonly parent: number } & Pick<RecordPlace, "report">,
): ReadChoice {
  const fields = new Fields(value, where, report);
  const message = fields.object("message") ?? {};
  const plain = readChatMessage(
    Object.hasOwn(message, "role") ? message : { ...message, role: "assistant" },
    { where: `${where}.message`, parent, report },
  );
  const turn = withReasoning(withReasoning(plain), "reasoning");
  const finishReason = fields.text("finish_reason");
  fields.raw("index");
  const { tokens, hasUnlikely } = responseTokens(loggedTokens(fields, report, where), {
    content: plain.content,
    shift: turn.content.length - plain.content.length,
    fields,
  });
  const extra = new Map([...turn.extra, ...restOfChoice(fields)]);
  if (finishReason !== null) extra.set("finish_reason", finishReason);
  return { turn: { ...turn, trainable: true, tokens, extra }, finishReason, hasUnlikely };
}

/** What else stands in the choice; an empty `logprobs.refusal` and the like say nothing. */
function restOfChoice(fields: Fields): ReadonlyMap<string, unknown> {
  const rest = fields.rest();
  const logprobs = fields.raw("logprobs");
  if (isRecord(logprobs) && Array.isArray(logprobs["refusal"]))
    rest.set("refusal_logprobs", logprobs["refusal"]);
  return rest;
}

/** Cut off at the longest length allowed; null where the log does not say how it ended. */
export function isTruncated(finishReason: string | null): boolean | null {
  return finishReason === null ? null : finishReason === "length";
}
