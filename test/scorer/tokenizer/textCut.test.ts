import * as fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { asciiRunsOf } from "../../../src/scorer/tokenizer/asciiRuns.ts";
import { splitRanges } from "../../../src/scorer/tokenizer/splitRanges.ts";
import { cutByPatterns } from "../../../src/scorer/tokenizer/textCut.ts";
import { byteLevelPattern, splitPattern } from "../../../src/scorer/tokenizer/wordSplit.ts";
import { nastyText, readKind } from "./kinds.ts";

type Json = Record<string, unknown>;

/** The expressions by which a byte-level vocabulary cuts its texts. */
function patternsOf(tokenizer: Json): readonly RegExp[] {
  const json = tokenizer["pre_tokenizer"] as Json;
  const steps = (json["pretokenizers"] as readonly Json[] | undefined) ?? [json];
  return steps.flatMap((step) => {
    if (step["type"] === "Split") return [splitPattern(step)];
    if (step["type"] === "Digits") return [/\p{N}/gu];
    return byteLevelPattern(step) ?? [];
  });
}

const bundled = new URL("../../../media/models/arithmetic-starter/tokenizer.json", import.meta.url);
const kinds: readonly (readonly [name: string, patterns: readonly RegExp[]])[] = [
  ...(["qwen2", "llama3", "deepseek", "gpt2"] as const).map(
    (name) => [name, patternsOf(readKind(name))] as const,
  ),
  ["bundled", patternsOf(JSON.parse(readFileSync(bundled, "utf8")) as Json)],
  // GPT-4o's: letters of two cases, endings that belong to the word.
  [
    "o200k",
    [
      /[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?:'[sS]|'[tT])?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+/gu,
    ],
  ],
];

function cutHere(text: string, patterns: readonly RegExp[]): readonly string[] {
  const bounds = new Int32Array(2 * text.length + 2);
  const count = cutByPatterns(patterns)(text, bounds);
  return Array.from({ length: count }, (_, i) => text.slice(bounds[2 * i], bounds[2 * i + 1]));
}

/** The same by nothing but the expressions. */
function cutPlainly(text: string, patterns: readonly RegExp[]): readonly string[] {
  return patterns.reduce<readonly string[]>(
    (pieces, pattern) =>
      pieces.flatMap((piece) =>
        splitRanges(piece, pattern, "Isolated", "matches").map(({ from, to }) => piece.slice(from, to)),
      ),
    text === "" ? [] : [text],
  );
}

/** Characters and runs whose cut hangs on what stands beside them. */
const parts = [
  ...Array.from("abIzZ 019.,'(_-+=/$~"),
  ...Array.from("\n\r\t\u0000\u007f\u00a0\u3000"),
  ...Array.from("éßдﬁ日本ゟ\u0301\u0660\u00b2Ⅷ\u200d\ud83d"),
  "\u{1F600}",
  "'s",
  "'LL",
  "  ",
  "\r\n",
  " then",
  "12",
];

const neighbours = fc.array(fc.constantFrom(...parts), { maxLength: 12 }).map((some) => some.join(""));

describe("texts are cut as the expressions say", () => {
  test.for(kinds)("%s", ([, patterns]) => {
    fc.assert(
      fc.property(fc.oneof(neighbours, nastyText), (text) => {
        expect(cutHere(text, patterns)).toEqual(cutPlainly(text, patterns));
      }),
      { numRuns: 3000 },
    );
  });
});

test("runs of ASCII are known of the expressions that published vocabularies have, and of no other", () => {
  const last = (name: string): object =>
    asciiRunsOf(kinds.find(([kind]) => kind === name)![1].at(-1)!.source);
  expect(last("qwen2")).toMatchObject({ letters: true, mostDigits: 1, marks: "andLineEnds" });
  expect(last("llama3")).toMatchObject({ letters: true, mostDigits: 3, marks: "andLineEnds" });
  expect(last("deepseek")).toMatchObject({ letters: true, mostDigits: 0, marks: "andLineEnds" });
  expect(last("gpt2")).toMatchObject({ letters: true, mostDigits: Infinity, marks: "yes" });
  expect(last("bundled")).toMatchObject({ letters: true, mostDigits: 1, marks: "no" });
  expect(last("o200k")).toMatchObject({ letters: false, mostDigits: 0, marks: "no" });
  // An apostrophe that may be missing lets it begin with a letter.
  for (const source of [String.raw`'?[a-c]+| ?\p{L}+`, String.raw`(?:'?s|'t)| ?\p{L}+`])
    expect(asciiRunsOf(source).letters).toBe(false);
  expect(asciiRunsOf(String.raw`\p{N}{1,3}`).begins).toBe("digits");
  expect(asciiRunsOf("[一-龥ゟ]+").begins).toBe("never");
  for (const source of ["[^一-龥]+", "[a-z]+", "[!-一]+", String.raw` ?\p{N}+`])
    expect(asciiRunsOf(source).begins).toBe("anywhere");
});
