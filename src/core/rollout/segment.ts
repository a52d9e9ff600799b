import type { StepSpans } from "./stepSpans.ts";
import { noSteps } from "./stepSpans.ts";
import type { Turn } from "./trajectory.ts";

/** Splits a text into steps: half-open spans without the white space around them, in order. */
export type Segmentation = (content: string) => { readonly start: Int32Array; readonly end: Int32Array };

/** Steps of a turn: those it has (the log's own, or scored ones), else segmented where the policy wrote the text. */
export function stepsOf(turn: Turn, segmentation: Segmentation = segmentByLayout): StepSpans {
  if (turn.steps.source !== "none") return turn.steps;
  if (!turn.trainable || turn.content === "") return noSteps;
  const { start, end } = segmentation(turn.content);
  if (start.length === 0) return noSteps;
  return { n: start.length, start, end, source: "segmented", columns: new Map(), extra: new Map() };
}

/**
 * The built-in rule. Thinking and answer tags separate steps and belong to none. Between them a step ends at a
 * blank line, and begins at a list item indented by at most three columns. Code fences are never split. Where there is
 * nothing of that and every line ends a sentence, each line is a step.
 */
export const segmentByLayout: Segmentation = (content) => {
  const spans = new SpanList(content);
  let from = 0;
  for (const tag of content.matchAll(/<\/?(?:think|thinking|reasoning|answer)>/gi)) {
    splitSection(content, from, tag.index, spans);
    from = tag.index + tag[0].length;
  }
  splitSection(content, from, content.length, spans);
  return spans.columns();
};

/**
 * A rule from a regular expression: its matches are the separators (an empty match separates too), what lies
 * between them are the steps.
 * @throws SyntaxError when the pattern does not compile.
 */
export function segmentByPattern(pattern: string): Segmentation {
  const separator = new RegExp(pattern, "gmu");
  return (content) => {
    const spans = new SpanList(content);
    let from = 0;
    for (const match of content.matchAll(separator)) {
      spans.push(from, match.index);
      from = match.index + match[0].length;
    }
    spans.push(from, content.length);
    return spans.columns();
  };
}

const listItem = /^ {0,3}(?:[-*+•]|\d{1,3}[.)])\s/;
const fence = /^ {0,3}(`{3,}|~{3,})/;

/** End of a sentence at the end of a line, quotes and brackets behind it let through. */
const sentenceEnd = /[.!?…:;。！？：；]["'”’)\]}*$]*$/;

/** Lines of a section when all but the last (which may be cut off) end a sentence; null where they are no steps. */
function sentenceLines(
  content: string,
  from: number,
  to: number,
): readonly (readonly [number, number])[] | null {
  const lines: [number, number][] = [];
  while (to > from && isSpace(content.charCodeAt(to - 1))) to--;
  for (let lineFrom = from; lineFrom < to;) {
    const newline = content.indexOf("\n", lineFrom);
    const lineTo = newline < 0 || newline >= to ? to : newline;
    if (!isBlank(content, lineFrom, lineTo)) lines.push([lineFrom, lineTo]);
    else if (lines.length > 0) return null;
    const start = content.slice(lineFrom, Math.min(lineTo, lineFrom + 80));
    if (fence.test(start) || listItem.test(start)) return null;
    lineFrom = lineTo + 1;
  }
  // Only the end matters, and a line may be megabytes long.
  const ends = (line: readonly [number, number]): boolean =>
    sentenceEnd.test(content.slice(Math.max(line[0], line[1] - 20), line[1]).trimEnd());
  return lines.length > 1 && lines.slice(0, -1).every(ends) ? lines : null;
}

function splitSection(content: string, from: number, to: number, spans: SpanList): void {
  const sentences = sentenceLines(content, from, to);
  if (sentences !== null) {
    for (const [lineFrom, lineTo] of sentences) spans.push(lineFrom, lineTo);
    return;
  }
  let stepFrom = from;
  let openFence: string | null = null;
  for (let lineFrom = from; lineFrom < to;) {
    const newline = content.indexOf("\n", lineFrom);
    const lineTo = newline < 0 || newline >= to ? to : newline;
    // Only the beginning matters to the rules, and a line may be megabytes long.
    const head = content.slice(lineFrom, Math.min(lineTo, lineFrom + 80));
    const mark = fence.exec(head)?.[1];
    if (openFence !== null) {
      if (mark?.startsWith(openFence) === true) openFence = null;
    } else {
      if (isBlank(content, lineFrom, lineTo) || listItem.test(head)) {
        spans.push(stepFrom, lineFrom);
        stepFrom = lineFrom;
      }
      if (mark !== undefined) openFence = mark;
    }
    lineFrom = lineTo + 1;
  }
  spans.push(stepFrom, to);
}

function isBlank(content: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (!isSpace(content.charCodeAt(i))) return false;
  return true;
}

function isSpace(unit: number): boolean {
  return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d) || unit === 0xa0;
}

/** Collects spans, trimmed; empty ones are dropped. */
class SpanList {
  readonly #content: string;
  readonly #bounds: number[] = [];

  constructor(content: string) {
    this.#content = content;
  }

  push(from: number, to: number): void {
    while (from < to && isSpace(this.#content.charCodeAt(from))) from++;
    while (to > from && isSpace(this.#content.charCodeAt(to - 1))) to--;
    if (from < to) this.#bounds.push(from, to);
  }

  columns(): { start: Int32Array; end: Int32Array } {
    const n = this.#bounds.length / 2;
    const start = Int32Array.from({ length: n }, (_, k) => this.#bounds[2 * k]!);
    const end = Int32Array.from({ length: n }, (_, k) => this.#bounds[2 * k + 1]!);
    return { start, end };
  }
}
