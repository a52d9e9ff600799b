import * as fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { asciiRunsOf } from "../../../src/scorer/tokenizer/asciiRuns.ts";
import { splitRanges } from "../../../src/scorer/tokenizer/splitRanges.ts";
import { cutByPatterns } from "../../../src/scorer/tokenizer/textCut.ts";
import { byteLevelPattern, splitPattern } from "../../../src/scorer/tokenizer/wordSplit.ts";

type Json = Record<string, unknown>;

function read(path: string): Json {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as Json;
}

/** The expressions by which a byte-level vocabulary cuts its texts. */
function patternsOf(path: string): readonly RegExp[] {
  const json = read(path)["pre_tokenizer"] as Json;
  const steps = (json["pretokenizers"] as readonly Json[] | undefined) ?? [json];
  return steps.flatMap((step) => {
    if (step["type"] === "Split") return [splitPattern(step)];
    if (step["type"] === "Digits") return [/\p{N}/gu];
    return byteLevelPattern(step) ?? [];
  });
}

const kinds: readonly (readonly [name: string, patterns: readonly RegExp[]])[] = [
  ...["qwen2", "llama3", "deepseek", "gpt2"].map(
    (name) => [name, patternsOf(`../../fixtures/tokenizers/${name}.json`)] as const,
  ),
  ["bundled", patternsOf("../../../media/models/arithmetic-starter/tokenizer.json")],
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

/** Everything that one kind of character next to another may change. */
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

describe("texts are cut as the expressions say", () => {
  test.for(kinds)("%s", ([, patterns]) => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 12 }), (some) => {
        const text = some.join("");
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
  for (const source of ["o200k"])
    expect(last(source)).toMatchObject({ letters: false, mostDigits: 0, marks: "no" });
  expect(asciiRunsOf(String.raw`\p{N}{1,3}`).begins).toBe("digits");
  expect(asciiRunsOf("[一-龥ゟ]+").begins).toBe("never");
  for (const source of ["[^一-龥]+", "[a-z]+", "[!-一]+", String.raw` ?\p{N}+`])
    expect(asciiRunsOf(source).begins).toBe("anywhere");
});
