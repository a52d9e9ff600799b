import { Tokenizer } from "@huggingface/tokenizers";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PlainEncoder } from "../../../src/scorer/tokenizer/plainEncoder.ts";
import type { TextEncoding } from "../../../src/scorer/tokenizer/textEncoding.ts";
import {
  type KindName,
  hardText,
  isBlank,
  kindNames,
  nastyText,
  readKind,
  referenceIds,
  tokenizerOf,
} from "./kinds.ts";

/** What a vocabulary drops: white space, controls, marks that it takes off letters. */
const dropped: Partial<Record<KindName, RegExp>> = {
  bert: /^[\s\p{C}\p{M}\ufffd]*$/u,
  unigram: /^[\s\p{Cc}]*$/u,
};

/** Spans go forward, lie in the text, cut no character, and leave out nothing that the vocabulary keeps. */
function expectTiling(text: string, { start, end }: TextEncoding, left = /^$/): void {
  const wrong: string[] = [];
  let covered = 0;
  start.forEach((from, t) => {
    const to = end[t]!;
    if (from > to || to > text.length) wrong.push(`token ${t} spans ${from} to ${to}`);
    if (t > 0 && (from < start[t - 1]! || to < end[t - 1]!)) wrong.push(`token ${t} goes back`);
    for (const at of [from, to])
      if (at > 0 && text.codePointAt(at - 1)! > 0xffff) wrong.push(`token ${t} cuts a character at ${at}`);
    if (!left.test(text.slice(covered, Math.max(covered, from)))) wrong.push(`nothing covers ${covered}`);
    covered = Math.max(covered, to);
  });
  if (!left.test(text.slice(covered))) wrong.push(`nothing covers ${covered}`);
  expect(wrong).toEqual([]);
}

describe.each(kindNames)("%s", (name) => {
  const tokenizer = tokenizerOf(name);
  const json = readKind(name);
  const literals = json.added_tokens.map(({ content }) => content);

  test("has the reference tokenizer's ids on every text", () => {
    const ids = referenceIds(name, isBlank);
    const check = (text: string): void => {
      expect([...tokenizer.encode(text).ids]).toEqual(ids(text));
    };
    check(hardText);
    fc.assert(fc.property(nastyText, check), { numRuns: 200 });
  });

  test("covers every character in order", () => {
    const check = (text: string): void => expectTiling(text, tokenizer.encode(text), dropped[name]);
    check(hardText);
    fc.assert(fc.property(nastyText, check), { numRuns: 200 });
  });

  test("says the same word by word and step by step", () => {
    const reference = new Tokenizer({ ...json, added_tokens: [], post_processor: null, decoder: null }, {});
    const plain = new PlainEncoder(json, reference);
    const blank = json.added_tokens.some(isBlank);
    const check = (text: string): void => {
      for (const place of ["first", "later"] as const)
        expect(tokenizer.encode(text, place)).toEqual(plain.encode(text, place === "first"));
    };
    const runs = / {2}/;
    fc.assert(
      fc.property(
        nastyText.filter((text) => !blank || !runs.test(text)),
        check,
      ),
      { numRuns: 150 },
    );
  });

  test("makes no special token of a log's text", () => {
    const unknown = new Set(["<unk>", "[UNK]"]);
    const marks = json.added_tokens.filter((token) => !isBlank(token) && !unknown.has(token.content));
    const ids = new Set(marks.map(({ id }) => id));
    const check = (text: string): void => {
      expect([...tokenizer.encode(text).ids].filter((id) => ids.has(id))).toEqual([]);
    };
    check(literals.join(""));
    check(` ${literals.join(" ")} `);
    const mixed = fc.array(fc.oneof(nastyText, fc.constantFrom(...literals)), { maxLength: 8 });
    fc.assert(
      fc.property(mixed, (parts) => check(parts.join(""))),
      { numRuns: 200 },
    );
  });

  test("makes the special tokens of a template's text, as the reference tokenizer does", () => {
    const ids = referenceIds(name, () => true);
    const mixed = fc.array(fc.oneof(nastyText, fc.constantFrom(...literals)), { maxLength: 8 });
    fc.assert(
      fc.property(mixed, (parts) => {
        const text = parts.join("");
        const encoding = tokenizer.encodeTemplate(text);
        expect([...encoding.ids]).toEqual(ids(text));
        expectTiling(text, encoding, dropped[name]);
      }),
      { numRuns: 150 },
    );
  });

  test("makes those added tokens of a log's text that it may write, and no others, as the reference tokenizer does", () => {
    const written = new Set(tokenizer.ordinary.values());
    const ids = referenceIds(name, (token) => written.has(token.id) || isBlank(token));
    const mixed = fc.array(fc.oneof(nastyText, fc.constantFrom(" <think>", ...tokenizer.ordinary.keys())), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(mixed, (parts) => {
        const text = parts.join("");
        const encoding = tokenizer.encodeTemplate(text, [], { written });
        expect([...encoding.ids]).toEqual(ids(text));
        expectTiling(text, encoding, dropped[name]);
      }),
      { numRuns: 150 },
    );
  });

  test("finds its own ids' places again", () => {
    fc.assert(
      fc.property(nastyText, (text) => {
        const encoding = tokenizer.encode(text);
        const found = tokenizer.spansOf(encoding.ids, text);
        expect(found?.ids).toEqual(encoding.ids);
        expectTiling(text, found!, dropped[name]);
      }),
      { numRuns: 150 },
    );
  });

  test("is quick on texts without an end of a word", () => {
    for (const text of [
      "a".repeat(20_000),
      `a${"\u0301".repeat(20_000)}`,
      "日".repeat(10_000),
      " ".repeat(20_000),
    ]) {
      const started = performance.now();
      expectEnds(text, tokenizer.encode(text));
      expect(performance.now() - started).toBeLessThan(5000);
    }
  });
});

function expectEnds(text: string, { end }: TextEncoding): void {
  if (end.length > 0) expect(end.at(-1)).toBeLessThanOrEqual(text.length);
}
