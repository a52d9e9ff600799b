import { expect, test } from "vitest";
import { TextLines } from "../../../src/core/rollout/textLines.ts";

function place(text: string, offset: number): number[] {
  const out = new Int32Array(2);
  new TextLines(text).locate(offset, out, 0);
  return [...out];
}

test("lines break at \\n, \\r\\n and \\r as in an editor, not at U+2028", () => {
  expect(new TextLines("a\nb\r\nc\rd\u2028e").count).toBe(4);
});

test("an offset becomes line and column, a line's end belongs to the line", () => {
  expect(place("ab\ncd", 2)).toEqual([0, 2]);
  expect(place("ab\ncd", 3)).toEqual([1, 0]);
  expect(place("ab\ncd", 5)).toEqual([1, 2]);
});

test("an offset between \\r and \\n is the end of the line", () => {
  expect(place("ab\r\ncd", 3)).toEqual([0, 2]);
  expect(place("ab\r\ncd", 4)).toEqual([1, 0]);
});
