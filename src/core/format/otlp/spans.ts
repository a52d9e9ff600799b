import { isRecord } from "../isRecord.ts";
import { type Attributes, attributesOf, nanosOf } from "./attributes.ts";
import type { SpanEvent } from "./messages.ts";

/** A span with what is asked of it here. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | null;
  readonly name: string;
  /** Nanoseconds since the epoch; null where they are missing. */
  readonly start: bigint | null;
  readonly end: bigint | null;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  readonly resource: Attributes;
}

/** All spans of a `TracesData`, in the order of the log. */
export function spansOf(record: Readonly<Record<string, unknown>>): readonly Span[] {
  const spans: Span[] = [];
  for (const resourceSpans of recordsIn(record["resourceSpans"])) {
    const { resource } = resourceSpans;
    const ofResource = attributesOf(isRecord(resource) ? resource["attributes"] : null);
    // Before 1.0 of the protocol scopes were called instrumentation libraries.
    const scopes = resourceSpans["scopeSpans"] ?? resourceSpans["instrumentationLibrarySpans"];
    for (const scope of recordsIn(scopes))
      for (const span of recordsIn(scope["spans"])) spans.push(spanOf(span, ofResource));
  }
  return spans;
}

function spanOf(span: Readonly<Record<string, unknown>>, resource: Attributes): Span {
  const text = (name: string): string => (typeof span[name] === "string" ? span[name] : "");
  return {
    traceId: text("traceId"),
    spanId: text("spanId"),
    parentId: text("parentSpanId") === "" ? null : text("parentSpanId"),
    name: text("name"),
    start: nanosOf(span["startTimeUnixNano"]),
    end: nanosOf(span["endTimeUnixNano"]),
    attributes: attributesOf(span["attributes"]),
    events: recordsIn(span["events"]).map((event) => ({
      name: typeof event["name"] === "string" ? event["name"] : "",
      attributes: attributesOf(event["attributes"]),
    })),
    resource,
  };
}

function recordsIn(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** By start; those without a time stay where they stand, at the end. */
export function byStart(spans: readonly Span[]): readonly Span[] {
  return spans.toSorted((a, b) => {
    if (a.start === null || b.start === null) return Number(a.start === null) - Number(b.start === null);
    return a.start < b.start ? -1 : a.start > b.start ? 1 : 0;
  });
}

/** A call of a model, the run of a tool, something else of the conventions, or none of theirs. */
export function kindOf({ attributes, events }: Span): "chat" | "tool" | "other" | null {
  const operation = attributes.get("gen_ai.operation.name");
  if (typeof operation === "string") {
    if (/^(?:chat|text_completion|generate_content)$/.test(operation)) return "chat";
    return operation === "execute_tool" ? "tool" : "other";
  }
  const names = [...attributes.keys(), ...events.map(({ name }) => name)].filter((name) =>
    name.startsWith("gen_ai."),
  );
  if (names.length === 0) return null;
  const isChat = names.some((name) =>
    /^gen_ai\.(?:(?:prompt|completion)\.\d|(?:input|output)\.messages$|choice$|content\.(?:prompt|completion)$)/.test(
      name,
    ),
  );
  return isChat ? "chat" : "other";
}
