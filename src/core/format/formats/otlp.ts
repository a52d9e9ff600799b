import type { Trajectory } from "../../rollout/trajectory.ts";
import { jsonLinesFormat } from "../jsonLines.ts";
import { type Span, spansOf } from "../otlp/spans.ts";
import { readTrace } from "../otlp/trace.ts";

/**
 * OpenTelemetry's traces as JSON (`TracesData`, one a line as the file exporter writes, or a single document) with the
 * conventions for generative AI. A trace in a line is a trajectory; one without such spans gives none.
 */
export const otlp = jsonLinesFormat({
  id: "otlp",
  label: "OpenTelemetry GenAI",
  written:
    "OTLP JSON (opentelemetry-proto at ac2c4b5) with GenAI conventions of about 1.41 (2026-05-05), their events up to 1.36, OpenLLMetry's attributes",
  lacks: "tokens, groups, train steps; texts where content was not captured",
  doc: "`resourceSpans`: chat and tool spans of a trace in the order of time; scores from `gen_ai.evaluation.result`.",
  matches: (record) => Array.isArray(record["resourceSpans"]),
  read: (record, { line }) => readTraces(spansOf(record), line),
});

function readTraces(spans: readonly Span[], line: number): readonly Trajectory[] {
  const traces = new Map<string, Span[]>();
  for (const span of spans) {
    const members = traces.get(span.traceId);
    if (members === undefined) traces.set(span.traceId, [span]);
    else members.push(span);
  }
  return [...traces].flatMap(([id, members]) => {
    const trace = readTrace(id === "" ? `L${line}` : id, members);
    return trace === null ? [] : [{ ...trace, idLogged: id !== "" }];
  });
}
