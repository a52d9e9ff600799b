import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { segmentByLayout, segmentByPattern } from "../../../src/core/rollout/segment.ts";

function texts(content: string, segmentation = segmentByLayout): string[] {
  const { start, end } = segmentation(content);
  return Array.from(start, (from, k) => content.slice(from, end[k]));
}

describe("segmentation by layout", () => {
  test("blank lines separate steps, and white space around them belongs to none", () => {
    expect(texts("First.\n\n  Second,\nstill second. \n \t\nThird.\n")).toEqual([
      "First.",
      "Second,\nstill second.",
      "Third.",
    ]);
  });

  test("each list item is a step, nested items stay with theirs", () => {
    expect(texts("Plan:\n- one\n    - inside\n- two\n1. three\n2) four")).toEqual([
      "Plan:",
      "- one\n    - inside",
      "- two",
      "1. three",
      "2) four",
    ]);
  });

  test("a number or a minus sign inside a text begins no list", () => {
    expect(texts("It is 3\n-5 is less, 2.5 too")).toEqual(["It is 3\n-5 is less, 2.5 too"]);
  });

  test("lines that all end a sentence are steps; the last may be cut off", () => {
    expect(texts("Tom has 12 + 5 = 17 apples.\nHe eats 3: 17 - 3 = 14.\nThe answer is 14")).toEqual([
      "Tom has 12 + 5 = 17 apples.",
      "He eats 3: 17 - 3 = 14.",
      "The answer is 14",
    ]);
    expect(texts("So it is \\(14\\).\r\n(Checked.)\r\n")).toEqual(["So it is \\(14\\).", "(Checked.)"]);
  });

  test("wrapped lines, and lines among paragraphs, are no steps of their own", () => {
    expect(texts("A long sentence that\ngoes on. And\nends here.")).toEqual([
      "A long sentence that\ngoes on. And\nends here.",
    ]);
    expect(texts("One.\nTwo.\n\nThree.")).toEqual(["One.\nTwo.", "Three."]);
  });

  test("code fences are never split, whatever stands in them", () => {
    const code = "```python\nx = 1\n\n- y\n```";
    expect(texts(`Run:\n\n${code}\n\nDone.`)).toEqual(["Run:", code, "Done."]);
  });

  test("a fence closes only by one as long as it", () => {
    expect(texts("````\n```\n\n- a\n````\n\nb")).toEqual(["````\n```\n\n- a\n````", "b"]);
  });

  test("thinking tags separate steps and belong to none", () => {
    expect(texts("<think>\nA.\n\nB.\n</think>\nThe answer is 4.")).toEqual(["A.", "B.", "The answer is 4."]);
  });

  test("a fence that a thought never closed ends with the thought", () => {
    expect(texts("<think>```\ncode</think>\n\nOne.\n\nTwo.")).toEqual(["```\ncode", "One.", "Two."]);
  });

  test("CRLF text gives the same steps as LF text", () => {
    const lf = "A.\n\n- b\n- c\n\n```\nx\n\ny\n```";
    expect(texts(lf.replaceAll("\n", "\r\n")).map((step) => step.replaceAll("\r\n", "\n"))).toEqual(
      texts(lf),
    );
  });

  test("an empty or blank text has no steps", () => {
    expect(texts("")).toEqual([]);
    expect(texts(" \n\n\t")).toEqual([]);
  });

  test("steps are ordered, apart, non-empty, and hold all that is neither space nor tag", () => {
    const piece = fc.constantFrom(
      "a",
      "β",
      "🙂",
      " ",
      "\n",
      "\r\n",
      "\n\n",
      "- ",
      "1. ",
      "```",
      "<think>",
      "</think>",
      "~~~",
    );
    fc.assert(
      fc.property(
        fc.array(piece).map((parts) => parts.join("")),
        (content) => {
          const { start, end } = segmentByLayout(content);
          let before = 0;
          let outside = "";
          for (let k = 0; k < start.length; k++) {
            expect(start[k]!).toBeGreaterThanOrEqual(before);
            expect(end[k]!).toBeGreaterThan(start[k]!);
            outside += content.slice(before, start[k]);
            before = end[k]!;
          }
          outside += content.slice(before);
          expect(outside.replace(/<\/?think>/g, "").trim()).toBe("");
        },
      ),
    );
  });

  test("a line of ten million characters takes no longer than reading it", () => {
    expect(texts(`${"x".repeat(10_000_000)}\n\n- y`)).toHaveLength(2);
  });
});

describe("segmentation by a pattern", () => {
  test("matches separate, what lies between are the steps", () => {
    expect(texts("a ; b;; c", segmentByPattern(";"))).toEqual(["a", "b", "c"]);
  });

  test("an empty match separates too", () => {
    expect(texts("Step 1 x Step 2 y", segmentByPattern("(?=Step \\d)"))).toEqual(["Step 1 x", "Step 2 y"]);
  });

  test("a pattern that does not compile throws", () => {
    expect(() => segmentByPattern("(")).toThrow(SyntaxError);
  });
});
