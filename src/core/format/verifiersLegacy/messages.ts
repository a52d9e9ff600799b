import { textTurn } from "../../rollout/textTrajectory.ts";
import type { Turn } from "../../rollout/trajectory.ts";
import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { readChatMessage } from "../message/chatMessage.ts";
import { withReasoning } from "../message/reasoning.ts";
import { parseTolerantJson } from "../tolerantJson.ts";

interface Part {
  readonly name: "prompt" | "completion";
  readonly value: unknown;
  /** Index of its first turn. */
  readonly first: number;
  readonly report: RecordPlace["report"];
}

/** A prompt or a completion, which is a list of messages, one text or nothing, as turns. Only completions are trained on. */
export function readMessages({ name, value, first, report }: Part): readonly Turn[] {
  if (value === undefined || value === null) return [];
  if (typeof value === "string")
    return [textTurn(name === "prompt" ? "prompt" : "assistant", value, first - 1)];
  if (!Array.isArray(value)) {
    report("bad-field", `${name} is neither a text nor a list of messages and is read as missing.`);
    return [];
  }
  return value.map((message: unknown, i) => {
    const where = `${name}[${i}]`;
    const turn = readChatMessage(withParsedCalls(message), { where, parent: first + i - 1, report });
    return withReasoning(name === "prompt" ? { ...turn, trainable: false } : turn);
  });
}

/** Until 0.1.8 a tool call was JSON in a string. */
function withParsedCalls(message: unknown): unknown {
  if (!isRecord(message) || !Array.isArray(message["tool_calls"])) return message;
  const calls = message["tool_calls"].map((call: unknown) => {
    const parsed = typeof call === "string" ? parseTolerantJson(call) : null;
    return parsed?.ok === true ? parsed.value : call;
  });
  return { ...message, tool_calls: calls };
}
