import type { Turn } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isoSeconds } from "../isoTime.ts";
import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { loggedTokens, responseTokens } from "../openai/logprobs.ts";
import type { Attach } from "./attachments.ts";
import { type ReadMessage, readInspectMessage } from "./message.ts";
import { scoreNumber } from "./scores.ts";

type Json = Readonly<Record<string, unknown>>;
type Report = RecordPlace["report"];

/**
 * Turns of a sample: its final conversation, else (a sample that ended by an error) what the last call of the model was
 * given and gave, else the sample's input. What events say is added to the turns it is about: tokens with logprobs, the
 * time of a call, scores that were given on the way.
 */
export function readConversation(sample: Json, attach: Attach, report: Report): readonly Turn[] {
  const events = eventsOf(sample);
  const messages = messagesOf(sample, events, attach);
  const read = messages.map((message, i) =>
    readInspectMessage(attach(message), { where: `messages[${i}]`, parent: i - 1, report }),
  );
  const turns = read.map(({ turn }) => turn);
  const places = new Places(read, attach);
  let current = -1;
  for (const [i, event] of events.entries()) {
    if (event["event"] === "model") {
      const { choice, at } = places.find(event);
      if (at < 0) continue;
      current = at;
      const where = `events[${i}].output.choices[0]`;
      turns[at] = withOutput(turns[at]!, read[at]!.answer, { choice, time: timeOf(event), where, report });
    } else if (event["event"] === "score" && event["intermediate"] === true && current >= 0)
      turns[current] = withScore(turns[current]!, event);
  }
  const final = choiceOf(sample["output"]);
  const last = turns.findLastIndex(({ role }) => role === "assistant");
  if (final !== null && last >= 0 && turns[last]!.tokens === null)
    turns[last] = withOutput(turns[last]!, read[last]!.answer, {
      choice: final,
      time: NaN,
      where: "output.choices[0]",
      report,
    });
  return turns;
}

/** Until 0.3.45 events stood in a `transcript`. */
function eventsOf(sample: Json): readonly Json[] {
  const transcript = isRecord(sample["transcript"]) ? sample["transcript"]["events"] : undefined;
  const events = Array.isArray(sample["events"]) ? sample["events"] : transcript;
  return Array.isArray(events) ? events.filter(isRecord) : [];
}

function messagesOf(sample: Json, events: readonly Json[], attach: Attach): readonly unknown[] {
  const { messages, input } = sample;
  if (Array.isArray(messages) && messages.length > 0) return messages;
  const call = events.findLast(({ event, output }) => event === "model" && choiceOf(output) !== null);
  if (call !== undefined) {
    const { message } = choiceOf(call["output"])!;
    return [...inputOf(call, sample), ...(isRecord(message) ? [message] : [])];
  }
  if (typeof input === "string") return [{ role: "user", content: attach(input) }];
  return Array.isArray(input) ? input : [];
}

/** What a model was given: the messages themselves, or (since 0.3.186) ranges of a pool of them. */
function inputOf({ input, input_refs: refs }: Json, sample: Json): readonly unknown[] {
  const data = isRecord(sample["events_data"]) ? sample["events_data"]["messages"] : undefined;
  return Array.isArray(refs)
    ? expandRefs(refs, data ?? sample["message_pool"])
    : Array.isArray(input)
      ? input
      : [];
}

/** Ranges `[start, end)` of a pool, one after the other; what is no range of it is nothing. */
export function expandRefs(refs: readonly unknown[], pool: unknown): readonly unknown[] {
  if (!Array.isArray(pool)) return [];
  const out: unknown[] = [];
  for (const ref of refs) {
    if (!Array.isArray(ref)) continue;
    const [from, to] = ref as unknown[];
    if (typeof from !== "number" || typeof to !== "number" || !(from >= 0)) continue;
    // A log that names its pool again and again would grow without end.
    for (let i = from; i < Math.min(to, pool.length) && out.length <= pool.length * 4; i++) out.push(pool[i]);
  }
  return out;
}

function choiceOf(output: unknown): Json | null {
  const choices = isRecord(output) ? output["choices"] : undefined;
  const first: unknown = Array.isArray(choices) ? choices[0] : undefined;
  return isRecord(first) ? first : null;
}

/** Finds the assistant's turn that a call of the model wrote: by the message's id, else (old logs) by its text. */
class Places {
  readonly #ids = new Map<string, number>();
  readonly #texts = new Map<string, number[]>();
  readonly #attach: Attach;

  constructor(read: readonly ReadMessage[], attach: Attach) {
    this.#attach = attach;
    for (const [at, { turn, answer }] of read.entries()) {
      if (turn.role !== "assistant") continue;
      const id = turn.extra.get("id");
      if (typeof id === "string") this.#ids.set(id, at);
      const same = this.#texts.get(answer);
      if (same === undefined) this.#texts.set(answer, [at]);
      else same.push(at);
    }
  }

  /** −1 where the call's message is not in the conversation: a grader's, or one that was compacted away. */
  find(event: Json): { readonly choice: Json; readonly at: number } {
    const choice = choiceOf(event["output"]) ?? {};
    const message: Json = isRecord(choice["message"]) ? choice["message"] : {};
    const { id } = message;
    if (typeof id === "string") return { choice, at: this.#ids.get(id) ?? -1 };
    const content = this.#attach(message["content"]);
    const left = typeof content === "string" ? this.#texts.get(content) : undefined;
    return { choice, at: left?.shift() ?? -1 };
  }
}

interface Output {
  readonly choice: Json;
  readonly time: number;
  readonly where: string;
  readonly report: Report;
}

function withOutput(turn: Turn, answer: string, { choice, time, where, report }: Output): Turn {
  const fields = new Fields(choice, where, report);
  const stop = fields.raw("stop_reason");
  const shift = turn.content.length - answer.length;
  const { tokens } = responseTokens(loggedTokens(fields, report, where), { content: answer, shift, fields });
  const extra = typeof stop === "string" ? new Map([...turn.extra, ["stop_reason", stop]]) : turn.extra;
  return { ...turn, time: Number.isNaN(turn.time) ? time : turn.time, tokens: tokens ?? turn.tokens, extra };
}

/** A score on the way is the turn's reward; with a second one there is no one reward, and both are kept. */
function withScore(turn: Turn, event: Json): Turn {
  const score: unknown = event["score"];
  const before = turn.extra.get("scores");
  const scores = [...(Array.isArray(before) ? (before as unknown[]) : []), score];
  const reward = scores.length === 1 ? scoreNumber(isRecord(score) ? score["value"] : score) : NaN;
  return { ...turn, reward, extra: new Map([...turn.extra, ["scores", scores]]) };
}

function timeOf({ completed, timestamp }: Json): number {
  return isoSeconds(completed ?? timestamp);
}
