import { formatNumber } from "../stats/formatNumber.ts";
import type { Segmentation } from "./segment.ts";
import { stepsOf } from "./segment.ts";
import type { StepSource } from "./stepSpans.ts";
import { TextLines } from "./textLines.ts";
import { tokenStrip } from "./tokenStrip.ts";
import type { GroupSource, Trajectory, Turn } from "./trajectory.ts";
import { tokenSourceOf, turnsNote } from "./trajectory.ts";

/** What the head of a trace says beside the trajectory itself. */
export interface TraceHead {
  readonly run: string;
  /** Place in its group, from 1, and the group's size. */
  readonly index: number;
  readonly of: number;
  readonly format: string;
  /** `FILE:LINE` of the record, the file's name only. */
  readonly place: string;
}

/** Where one turn stands in the document. Lines from 0, ranges half-open. */
export interface RenderedTurn {
  readonly headerLine: number;
  readonly contentFrom: number;
  readonly contentTo: number;
  /** Line that says that the turn's tokens follow by their ids; −1 where they stand in the text, or there are none. */
  readonly stripLine: number;
  readonly stepSource: StepSource;
  readonly tokenFrom: number;
  readonly tokenTo: number;
  readonly stepFrom: number;
  readonly stepTo: number;
}

/** A trajectory as text. Spans: 4 numbers each (start line, start column, end line, end column). */
export interface RenderedTrace {
  readonly text: string;
  readonly lineCount: number;
  readonly headLines: number;
  readonly turns: readonly RenderedTurn[];
  readonly tokens: Int32Array;
  readonly steps: Int32Array;
}

/**
 * Renders a trajectory: a head, then each turn as a header line and its content verbatim (only NUL, which no
 * editor shows, becomes ␀ of the same length), its tokens by their ids where the log does not say where they stand in
 * the text, its tool calls, and at the end what else the log holds.
 */
export function renderTrace(
  trajectory: Trajectory,
  head: TraceHead,
  segmentation?: Segmentation,
): RenderedTrace {
  const lines = headLines(trajectory, head);
  const nHeadLines = lines.length;
  const text: string[] = [lines.join("\n") + "\n"];
  let line = nHeadLines;
  const turns: RenderedTurn[] = [];
  const tokens: Int32Array[] = [];
  const steps: Int32Array[] = [];
  let nTokens = 0;
  let nSteps = 0;
  trajectory.turns.forEach((turn, i) => {
    const header = turnHeader(turn, i);
    const content = turn.content.replaceAll("\0", "\u2400");
    const contentLines = new TextLines(content);
    const contentFrom = line + 1;
    const textTo = content === "" ? contentFrom : contentFrom + contentLines.count;
    const strip = turn.tokens === null ? null : tokenStrip(turn.tokens, content === "");
    const contentTo = textTo + (strip?.lines.length ?? 0);
    const spans = stepsOf(turn, segmentation);
    const after = afterContent(turn);
    if (strip !== null) tokens.push(strip.spans.map((place, k) => (k % 2 === 0 ? place + textTo : place)));
    else if (turn.tokens !== null)
      tokens.push(locateSpans(turn.tokens, contentLines, contentFrom, content === "" ? line : -1));
    steps.push(locateSpans(spans, contentLines, contentFrom, -1));
    const n = turn.tokens?.n ?? 0;
    turns.push({
      headerLine: line,
      contentFrom,
      contentTo,
      stripLine: strip === null ? -1 : textTo,
      stepSource: spans.source,
      tokenFrom: nTokens,
      tokenTo: nTokens + n,
      stepFrom: nSteps,
      stepTo: nSteps + spans.n,
    });
    nTokens += n;
    nSteps += spans.n;
    const block = [header, ...(content === "" ? [] : [content]), ...(strip?.lines ?? []), ...after, ""];
    text.push(block.join("\n") + "\n");
    line = contentTo + after.reduce((sum, entry) => sum + new TextLines(entry).count, 0) + 1;
  });
  const tail = otherFields(trajectory);
  if (tail !== "") text.push(tail + "\n");
  const whole = text.join("");
  return {
    text: whole,
    lineCount: new TextLines(whole).count,
    headLines: nHeadLines,
    turns,
    tokens: concatenate(tokens, 4 * nTokens),
    steps: concatenate(steps, 4 * nSteps),
  };
}

function locateSpans(
  spans: { readonly n: number; readonly start: Int32Array; readonly end: Int32Array },
  lines: TextLines,
  firstLine: number,
  emptyAt: number,
): Int32Array {
  const out = new Int32Array(4 * spans.n);
  for (let k = 0; k < spans.n; k++) {
    lines.locate(spans.start[k]!, out, 4 * k);
    lines.locate(spans.end[k]!, out, 4 * k + 2);
    out[4 * k]! += emptyAt >= 0 ? emptyAt : firstLine;
    out[4 * k + 2]! += emptyAt >= 0 ? emptyAt : firstLine;
  }
  return out;
}

function concatenate(parts: readonly Int32Array[], length: number): Int32Array {
  const out = new Int32Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** How the group was found, where the log does not name it itself. */
const groupNotes: Readonly<Record<GroupSource, string>> = {
  explicit: "",
  "uid-prefix": " (from uid)",
  "same-prompt": " (by equal prompts)",
  contiguous: " (by equal prompts in a row)",
  line: " (rollouts of one line)",
  none: "",
};

function headLines(trajectory: Trajectory, head: TraceHead): string[] {
  const step = trajectory.trainStep === null ? "" : `train step ${trajectory.trainStep}`;
  const split = trajectory.split === "validation" ? "validation" : "";
  const group =
    trajectory.group === null
      ? "no group"
      : `group ${oneLine(trajectory.group, 40)}${groupNotes[trajectory.groupSource]}`;
  const first = [`rollout ${head.index} of ${head.of}`, group, step, split, oneLine(head.run, 60)];
  const nTokens = trajectory.turns.reduce((n, turn) => n + (turn.tokens?.n ?? 0), 0);
  const outcome = trajectory.success === null ? "" : trajectory.success ? "success" : "failed";
  const second = [
    Number.isNaN(trajectory.reward) ? "no reward in the log" : `reward ${formatNumber(trajectory.reward)}`,
    ...[...trajectory.rewards].map(([name, x]) => `${oneLine(name, 30)} ${formatNumber(x)}`),
    outcome,
    trajectory.truncated === true ? "truncated" : "",
    tokenSourceOf(trajectory) === "none" ? "no tokens in the log" : `${nTokens} tokens`,
    turnCount(trajectory),
    head.format,
    head.place,
  ];
  const lines = [`◆ ${joined(first)}`, `  ${joined(second)}`];
  if (trajectory.answer !== null) lines.push(`  reference answer: ${oneLine(trajectory.answer, 200)}`);
  return [...lines, ""];
}

/** With how they were found, where the log does not mark them. */
function turnCount({ turns, signals }: Trajectory): string {
  const how = signals.get(turnsNote)?.source;
  const count = `${turns.length} ${turns.length === 1 ? "turn" : "turns"}`;
  return how === undefined ? count : `${count} (${oneLine(how, 60)})`;
}

function turnHeader(turn: Turn, i: number): string {
  const n = turn.tokens?.n;
  return `── ${joined([
    oneLine(turn.role, 40),
    turn.name === null ? "" : oneLine(turn.name, 40),
    turn.agent === null ? "" : `agent ${oneLine(turn.agent, 40)}`,
    `turn ${i + 1}`,
    n === undefined ? "" : `${n} ${n === 1 ? "token" : "tokens"}`,
    Number.isNaN(turn.reward) ? "" : `reward ${formatNumber(turn.reward)}`,
    turn.state === null ? "" : `state ${oneLine(turn.state, 30)}`,
    turn.role === "assistant" && !turn.trainable ? "not trained on" : "",
    turn.role !== "assistant" && turn.trainable ? "trained on" : "",
  ])}`;
}

function afterContent(turn: Turn): string[] {
  const calls = turn.toolCalls.map((call) => `→ ${oneLine(call.name, 60)} ${call.arguments}`.trimEnd());
  const files = turn.attachments.map((file) => `⊕ ${oneLine(file.kind, 20)} ${oneLine(file.uri, 200)}`);
  return [...calls, ...files].map((entry) => entry.replaceAll("\0", "\u2400"));
}

/** Unknown fields are kept and shown: metadata, fields of the record, fields of its turns. */
function otherFields(trajectory: Trajectory): string {
  const fields: string[] = [];
  const add = (name: string, value: unknown): void => {
    fields.push(`${oneLine(name, 60)}: ${JSON.stringify(value, null, 2)}`);
  };
  if (trajectory.metadata !== undefined && trajectory.metadata !== null) add("metadata", trajectory.metadata);
  for (const [name, value] of trajectory.extra) add(name, value);
  trajectory.turns.forEach((turn, i) => {
    for (const [name, value] of turn.extra) add(`turn ${i + 1} ${name}`, value);
  });
  return fields.length === 0
    ? ""
    : ["── other fields of the record", ...fields].join("\n").replaceAll("\0", "\u2400");
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(" · ");
}

function oneLine(text: string, most: number): string {
  const flat = text.replace(/[\s\0]+/g, " ").trim();
  return flat.length > most ? `${flat.slice(0, most - 1)}…` : flat;
}
