import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderTrace } from "../../../src/core/rollout/render.ts";
import { summarize } from "../../../src/core/rollout/summary.ts";
import { noSteps } from "../../../src/core/rollout/stepSpans.ts";
import type { TokenColumns } from "../../../src/core/rollout/tokenColumns.ts";
import type { Trajectory, Turn } from "../../../src/core/rollout/trajectory.ts";

const head = { run: "math", index: 3, of: 8, format: "rewardlens", place: "a.jsonl:4" };

function turn(fields: Partial<Turn>): Turn {
  return {
    role: "assistant",
    content: "",
    agent: null,
    name: null,
    state: null,
    reward: NaN,
    trainable: true,
    parent: -1,
    toolCalls: [],
    toolCallId: null,
    attachments: [],
    time: NaN,
    tokens: null,
    steps: noSteps,
    extra: new Map(),
    ...fields,
  };
}

function trajectory(turns: readonly Turn[], fields: Partial<Trajectory> = {}): Trajectory {
  return {
    id: "x",
    idLogged: true,
    run: null,
    group: "g",
    groupSource: "explicit",
    trainStep: 2,
    split: "train",
    reward: 0.5,
    rewards: new Map(),
    success: null,
    truncated: null,
    finalValue: NaN,
    answer: null,
    turns,
    metadata: null,
    signals: new Map(),
    extra: new Map(),
    ...fields,
  };
}

function tokens(bounds: readonly (readonly [number, number])[]): TokenColumns {
  return {
    n: bounds.length,
    start: Int32Array.from(bounds, ([start]) => start),
    end: Int32Array.from(bounds, ([, end]) => end),
    ids: null,
    mask: new Uint8Array(bounds.length).fill(1),
    maskLogged: false,
    columns: new Map(),
    extra: new Map(),
    spanSource: "offsets",
  };
}

/** Text of a span in the document, as an editor that normalises line ends would give it. */
function textAt(text: string, spans: Int32Array, k: number): string {
  const lines = text.split(/\r\n|\r|\n/);
  const [a, b, c, d] = spans.subarray(4 * k, 4 * k + 4) as unknown as [number, number, number, number];
  if (a === c) return lines[a]!.slice(b, d);
  return [lines[a]!.slice(b), ...lines.slice(a + 1, c), lines[c]!.slice(0, d)].join("\n");
}

describe("the trace document", () => {
  test("holds each turn's content verbatim below its header", () => {
    const content = "<think>\n27 × 4 = 108\n\n</think>\n**108** <b>&amp;</b>";
    const { text, turns } = renderTrace(
      trajectory([turn({ role: "user", trainable: false, content: "Q?" }), turn({ content })]),
      head,
    );
    expect(text).toContain(content);
    const lines = text.split("\n");
    expect(lines[turns[1]!.headerLine]).toBe("── assistant · turn 2");
    expect(lines.slice(turns[1]!.contentFrom, turns[1]!.contentTo).join("\n")).toBe(content);
  });

  test("says in its head what the log holds, and in words what it does not", () => {
    const text = renderTrace(
      trajectory([turn({ content: "a" })], { reward: NaN, rewards: new Map([["format", 1]]), answer: "42" }),
      head,
    ).text;
    const [first, second, third] = text.split("\n");
    expect(first).toBe("◆ rollout 3 of 8 · group g · train step 2 · math");
    expect(second).toBe(
      "  no reward in the log · format 1 · no tokens in the log · 1 turn · rewardlens · a.jsonl:4",
    );
    expect(third).toBe("  reference answer: 42");
  });

  test("puts tokens where their text stands, whatever the line ends and characters", () => {
    const pieces = fc.array(fc.constantFrom("a", "日本", "🙂", "\n", "\r\n", "\r", " ", "\0", "é"), {
      minLength: 1,
    });
    fc.assert(
      fc.property(pieces, (parts) => {
        let at = 0;
        const bounds = parts.map((part) => [at, (at += part.length)] as const);
        const content = parts.join("");
        // A \r and a \n side by side are one line end, so a bound between them has no column of its own.
        fc.pre(!parts.some((part, i) => part === "\r" && parts[i + 1]?.startsWith("\n")));
        const rendered = renderTrace(
          trajectory([turn({ content: "first" }), turn({ content, tokens: tokens(bounds) })]),
          head,
        );
        expect(rendered.lineCount).toBe(rendered.text.split(/\r\n|\r|\n/).length);
        parts.forEach((part, k) => {
          expect(textAt(rendered.text, rendered.tokens, k)).toBe(
            part.replace(/\r\n|\r/g, "\n").replaceAll("\0", "␀"),
          );
        });
      }),
    );
  });

  test("segments steps where the log has none, and keeps the log's own", () => {
    const own = {
      n: 1,
      start: Int32Array.of(2),
      end: Int32Array.of(4),
      source: "logged" as const,
      columns: new Map(),
      extra: new Map(),
    };
    const rendered = renderTrace(
      trajectory([turn({ content: "A.\n\nB." }), turn({ content: "abcdef", steps: own })]),
      head,
    );
    expect(rendered.turns.map(({ stepSource, stepFrom, stepTo }) => [stepSource, stepFrom, stepTo])).toEqual([
      ["segmented", 0, 2],
      ["logged", 2, 3],
    ]);
    expect([0, 1, 2].map((k) => textAt(rendered.text, rendered.steps, k))).toEqual(["A.", "B.", "cd"]);
  });

  test("shows tool calls after the content and unknown fields at the end", () => {
    const call = { id: "c1", name: "calculator", arguments: '{"expression":"23*4"}' };
    const { text } = renderTrace(
      trajectory([turn({ content: "Let me see.", toolCalls: [call], extra: new Map([["mood", "good"]]) })], {
        extra: new Map([["seed", 7]]),
      }),
      head,
    );
    expect(text).toContain('Let me see.\n→ calculator {"expression":"23*4"}\n');
    expect(text).toContain('── other fields of the record\nseed: 7\nturn 1 mood: "good"');
  });

  test("a turn with neither content nor tool calls is its header alone", () => {
    const {
      text,
      turns,
      tokens: spans,
    } = renderTrace(trajectory([turn({ tokens: tokens([[0, 0]]) }), turn({ content: "x" })]), head);
    const lines = text.split("\n");
    expect(lines[turns[1]!.headerLine]).toBe("── assistant · turn 2");
    expect(spans[0]).toBe(turns[0]!.headerLine);
  });

  test("a role or name from the log cannot forge a header of its own", () => {
    const { text } = renderTrace(trajectory([turn({ role: "user\n── tool · turn 9", content: "x" })]), head);
    expect(text.split("\n").filter((line) => line.startsWith("── tool"))).toEqual([]);
  });
});

test("the prompt's words are found behind a template's marks", () => {
  const asked = (content: string): string =>
    summarize(trajectory([turn({ role: "prompt", content, trainable: false }), turn({ content: "x" })]))
      .prompt;
  expect(
    asked(
      "<|im_start|>system\nReason.<|im_end|>\n<|im_start|>user\nWhat is 2?<|im_end|>\n<|im_start|>assistant\n",
    ),
  ).toBe("What is 2?");
  expect(asked("system\nReason.\nuser\n\nWhat is 2?\nassistant\n")).toBe("What is 2?");
  expect(asked("A superuser asks.\nMore.")).toBe("A superuser asks.");
  expect(asked("")).toBe("");
});
