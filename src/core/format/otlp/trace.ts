import { textTrajectory, textTurn } from "../../rollout/textTrajectory.ts";
import type { Trajectory, Turn } from "../../rollout/trajectory.ts";
import { withReasoning } from "../message/reasoning.ts";
import { secondsOf } from "./attributes.ts";
import { isContent, messagesOf, type SpanMessage } from "./messages.ts";
import { byStart, kindOf, type Span } from "./spans.ts";

/** A trace's model calls in the order of time as a trajectory; null where it has none of the conventions' spans. */
export function readTrace(traceId: string, spans: readonly Span[]): Trajectory | null {
  const ordered = byStart(spans).map((span) => ({ span, kind: kindOf(span) }));
  if (!ordered.some(({ kind }) => kind === "chat" || kind === "tool")) return null;
  const builder = new TraceBuilder(spans);
  for (const { span, kind } of ordered) if (kind === "chat") builder.note(span);
  for (const { span, kind } of ordered) {
    if (kind === "chat") builder.chat(span);
    else if (kind === "tool") builder.tool(span);
  }
  const scores = evaluations(spans);
  const conversation = first(spans, "gen_ai.conversation.id");
  const resource = Object.fromEntries(spans[0]!.resource);
  return {
    ...textTrajectory(traceId, builder.turns),
    reward: scores.get("reward") ?? (scores.size === 1 ? [...scores.values()][0]! : NaN),
    rewards: scores,
    truncated: builder.truncated,
    metadata: conversation === null ? { resource } : { resource, "gen_ai.conversation.id": conversation },
    extra: others(spans),
  };
}

/** A conversation as far as it is known: each message and the turn that it is. */
type Known = readonly { readonly key: string; readonly turn: number }[];

class TraceBuilder {
  readonly turns: Turn[] = [];
  truncated: boolean | null = null;
  readonly #byId: ReadonlyMap<string, Span>;
  /** By the agent's span: each agent has a conversation of its own. */
  readonly #known = new Map<string, Known>();
  readonly #answered = new Set<string>();
  readonly #messages = new Map<Span, ReturnType<typeof messagesOf>>();

  constructor(spans: readonly Span[]) {
    this.#byId = new Map(spans.map((span) => [span.spanId, span]));
  }

  /** Remembers which calls are answered in a later prompt: their tools need no turn of their own. */
  note(span: Span): void {
    const messages = messagesOf(span.attributes, span.events);
    this.#messages.set(span, messages);
    for (const { toolCallId } of messages.input) if (toolCallId !== null) this.#answered.add(toolCallId);
  }

  /** A prompt repeats the conversation so far: what is new in it is told, then the answers. */
  chat(span: Span): void {
    const { input, output } = this.#messages.get(span)!;
    const agent = this.#agentOf(span);
    const before = this.#known.get(agent.id) ?? [];
    let common = 0;
    while (common < before.length && common < input.length && before[common]!.key === keyOf(input[common]!))
      common++;
    const known = before.slice(0, common);
    const parent = (): number => known.at(-1)?.turn ?? -1;
    for (const message of input.slice(common)) {
      const turn = turnOf(message, parent(), secondsOf(span.start));
      known.push({ key: keyOf(message), turn: this.#push({ ...turn, trainable: false }) });
    }
    const own = attributesOfAnswer(span);
    const asked = parent();
    const answers = output.length > 0 ? output : [nothing];
    answers.forEach((message, i) => {
      const turn = turnOf(message, asked, secondsOf(span.end));
      const extra = new Map([...turn.extra, ...(i === 0 ? own : [])]);
      const at = this.#push({ ...turn, agent: agent.name, trainable: true, extra });
      if (i === 0 && output.length > 0) known.push({ key: keyOf(message), turn: at });
    });
    this.#known.set(agent.id, known);
    this.#ended(span, answers);
  }

  /** A tool whose result no prompt holds. */
  tool(span: Span): void {
    const id = textAt(span, "gen_ai.tool.call.id");
    if (id !== null && this.#answered.has(id)) return;
    const result = span.attributes.get("gen_ai.tool.call.result");
    const content =
      result === undefined || result === null
        ? ""
        : typeof result === "string"
          ? result
          : JSON.stringify(result);
    const turn = textTurn("tool", content, this.turns.length - 1);
    const name = textAt(span, "gen_ai.tool.name");
    this.#push({ ...turn, name, toolCallId: id, time: secondsOf(span.end), extra: attributesOfAnswer(span) });
  }

  #push(turn: Turn): number {
    return this.turns.push(turn) - 1;
  }

  /** How the last call has ended. */
  #ended(span: Span, answers: readonly SpanMessage[]): void {
    const reasons = span.attributes.get("gen_ai.response.finish_reasons");
    const reason: unknown = Array.isArray(reasons) ? reasons[0] : answers[0]?.finishReason;
    if (typeof reason === "string") this.truncated = /^(?:length|max_tokens)$/i.test(reason);
  }

  /** The nearest `invoke_agent` above a span. A log may hold loops. */
  #agentOf(span: Span): { readonly id: string; readonly name: string | null } {
    const own = textAt(span, "gen_ai.agent.name");
    let at = span;
    for (let hops = 0; hops < mostHops && at.parentId !== null; hops++) {
      const above = this.#byId.get(at.parentId);
      if (above === undefined) break;
      at = above;
      if (at.attributes.get("gen_ai.operation.name") === "invoke_agent")
        return { id: at.spanId, name: own ?? textAt(at, "gen_ai.agent.name") };
    }
    return { id: "", name: own };
  }
}

/** Deeper than any agents call each other. */
const mostHops = 100;

const nothing: SpanMessage = {
  role: "assistant",
  content: "",
  reasoning: "",
  toolCalls: [],
  toolCallId: null,
  finishReason: null,
};

/** Two messages with the same key are the same; how an answer ended is said only where it was given. */
function keyOf({ role, content, toolCalls, toolCallId }: SpanMessage): string {
  return JSON.stringify([
    role,
    content,
    toolCallId,
    toolCalls.map(({ name, arguments: args }) => [name, args]),
  ]);
}

function turnOf(message: SpanMessage, parent: number, time: number): Turn {
  const { role, content, reasoning, toolCalls, toolCallId, finishReason } = message;
  const extra = new Map<string, unknown>();
  if (reasoning !== "") extra.set("reasoning", reasoning);
  if (finishReason !== null) extra.set("finish_reason", finishReason);
  return withReasoning(
    { ...textTurn(role, content, parent), toolCalls, toolCallId, time, extra },
    "reasoning",
  );
}

/** The span that gave the turn: its name, its id, and all it says but the messages. */
function attributesOfAnswer({ name, spanId, attributes }: Span): ReadonlyMap<string, unknown> {
  const rest = [...attributes].filter(([key]) => !isContent(key) && key !== "gen_ai.tool.call.result");
  return new Map<string, unknown>([["span", { name, spanId, attributes: Object.fromEntries(rest) }]]);
}

/** Scores of `gen_ai.evaluation.result` events by the evaluation's name. */
function evaluations(spans: readonly Span[]): ReadonlyMap<string, number> {
  const scores = new Map<string, number>();
  const times = new Map<string, number>();
  for (const { events } of spans) {
    for (const { name, attributes } of events) {
      const score = attributes.get("gen_ai.evaluation.score.value");
      if (name !== "gen_ai.evaluation.result" || typeof score !== "number") continue;
      const evaluation = attributes.get("gen_ai.evaluation.name");
      const own = typeof evaluation === "string" ? evaluation : "score";
      const n = (times.get(own) ?? 0) + 1;
      times.set(own, n);
      scores.set(n === 1 ? own : `${own}#${n}`, score);
    }
  }
  return scores;
}

/** Labels and explanations of the scores, and the spans that are shown nowhere else. */
function others(spans: readonly Span[]): ReadonlyMap<string, unknown> {
  const results = spans.flatMap(({ spanId, events }) =>
    events
      .filter(({ name }) => name === "gen_ai.evaluation.result")
      .map(({ attributes }) => ({ spanId, ...Object.fromEntries(attributes) })),
  );
  const rest = spans
    .filter((span) => !["chat", "tool"].includes(kindOf(span) ?? ""))
    .map(({ name, spanId, parentId, attributes }) => ({
      name,
      spanId,
      parentSpanId: parentId,
      attributes: Object.fromEntries(attributes),
    }));
  return new Map<string, unknown>([
    ...(results.length > 0 ? [["evaluations", results] as const] : []),
    ...(rest.length > 0 ? [["other_spans", rest] as const] : []),
  ]);
}

function first(spans: readonly Span[], name: string): unknown {
  return spans.find(({ attributes }) => attributes.has(name))?.attributes.get(name) ?? null;
}

function textAt({ attributes }: Span, name: string): string | null {
  const value = attributes.get(name);
  return typeof value === "string" ? value : null;
}
