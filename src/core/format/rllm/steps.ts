import { textTurn } from "../../rollout/textTrajectory.ts";
import type { SignalNote, Turn } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { readChatMessage } from "../message/chatMessage.ts";
import { PromptIds, readStepTokens } from "./tokens.ts";

interface StepsPlace extends Pick<RecordPlace, "report"> {
  readonly where: string;
  readonly agent: string | null;
}

export interface ReadSteps {
  readonly turns: readonly Turn[];
  readonly signals: ReadonlyMap<string, SignalNote>;
  /** Version of the weights that sampled the first step; null where it is not logged. */
  readonly version: number | null;
}

/**
 * The steps of a trajectory as turns. `chat_completions` of a step is the conversation so far: what it has beyond the
 * step before is new. Where it has nothing new, the observation is what the model saw.
 */
export function readSteps(fields: Fields, { where, agent, report }: StepsPlace): ReadSteps {
  const turns: Turn[] = [];
  const known = new Conversation();
  const prompts = new PromptIds();
  let version: number | null = null;
  let isBroadcast = false;
  for (const [i, value] of (fields.list("steps") ?? []).entries()) {
    const path = `${where}.steps[${i}]`;
    if (!isRecord(value)) report("bad-field", `${path} is not an object; the step is shown empty.`);
    const step = new Fields(isRecord(value) ? value : {}, path, report);
    const fresh = known.extend(step.list("chat_completions") ?? []);
    const { context, answer } = readMessages(fresh, step, { path, first: turns.length, report });
    const weights = step.integer("weight_version");
    const reward = step.number("reward");
    if (i === 0) version = weights;
    const response = readStepTokens(step);
    isBroadcast ||= response.isBroadcast;
    const promptTokens = prompts.extend(step, response.tokens?.ids ?? null);
    const last = context.length - 1;
    context.forEach((turn, k) => turns.push(k === last ? { ...turn, tokens: promptTokens.tokens } : turn));
    const extra = new Map([...answer.extra, ...step.rest()]);
    if (weights !== null) extra.set("weight_version", weights);
    // Ids that no turn of this step can hold are kept as they stand.
    const kept =
      promptTokens.kept ?? (last < 0 && promptTokens.tokens !== null ? step.raw("prompt_ids") : null);
    if (kept !== null) extra.set("prompt_ids", kept);
    const { tokens } = response;
    turns.push({ ...answer, agent, parent: turns.length - 1, reward, tokens, extra });
  }
  const signals = new Map<string, SignalNote>();
  if (isBroadcast) signals.set("advantages", { source: "one number a step", level: "turn" });
  return { turns, signals, version };
}

/** The conversation so far. */
class Conversation {
  #messages: readonly unknown[] = [];

  /** What the next state has behind all that both have in common. */
  extend(next: readonly unknown[]): readonly unknown[] {
    if (next.length === 0) return [];
    const before = this.#messages;
    let common = 0;
    while (common < before.length && common < next.length && isSame(before[common], next[common])) common++;
    this.#messages = next;
    return next.slice(common);
  }
}

function isSame(a: unknown, b: unknown): boolean {
  if (!isRecord(a) || !isRecord(b) || a["role"] !== b["role"]) return false;
  return a["content"] === b["content"] || JSON.stringify(a["content"]) === JSON.stringify(b["content"]);
}

interface StepMessages {
  readonly context: readonly Turn[];
  readonly answer: Turn;
}

/** What the model saw and what it answered. Its own words stand in `model_response`, which no parser has changed. */
function readMessages(
  fresh: readonly unknown[],
  step: Fields,
  { path, first, report }: { path: string; first: number; report: RecordPlace["report"] },
): StepMessages {
  const response = textOf(step.raw("model_response"));
  const ending = fresh.at(-1);
  const hasAnswer = isRecord(ending) && ending["role"] === "assistant";
  const turns = (hasAnswer ? fresh.slice(0, -1) : fresh).map((message, k) => ({
    ...readChatMessage(message, {
      where: `${path}.chat_completions (new ${k})`,
      parent: first + k - 1,
      report,
    }),
    trainable: false,
  }));
  const observation = textOf(step.raw("observation"));
  const isSeen = observation === "" || turns.some(({ content }) => content === observation);
  const isOnly = turns.length === 0 && observation !== "";
  const seen = textTurn(first === 0 ? "user" : "environment", observation, first - 1);
  const answer = hasAnswer
    ? readChatMessage(ending, { where: `${path}.chat_completions (answer)`, parent: -1, report })
    : textTurn("assistant", textOf(step.raw("action")), -1);
  const extra = new Map(answer.extra);
  if (!isSeen && !isOnly) extra.set("observation", observation);
  if (hasAnswer || response !== "") setAction(extra, step);
  if (hasAnswer && response !== "" && answer.content !== response)
    extra.set("message_content", answer.content);
  const content = response === "" ? answer.content : response;
  return { context: isOnly ? [seen] : turns, answer: { ...answer, content, trainable: true, extra } };
}

function setAction(extra: Map<string, unknown>, step: Fields): void {
  const action = step.raw("action");
  if (action !== undefined && action !== null && action !== "") extra.set("action", action);
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
