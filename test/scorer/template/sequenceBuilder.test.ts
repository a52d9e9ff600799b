import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noMark } from "../../../src/scorer/sequence.ts";
import { TokenizerError } from "../../../src/scorer/tokenizer/modelTokenizer.ts";
import { builderOf, itemOf, llamaTemplate, part, qwenTemplate, tokenizerOf } from "./models.ts";

const qwen = tokenizerOf("qwen");
const llama2 = tokenizerOf("llama2");

const whole = ({ before, ids }: { before: readonly number[]; ids: readonly number[] }): number[] => [
  ...before,
  ...ids,
];
const encoded = (text: string, tokenizer = qwen): number[] => [...tokenizer.encode(text).ids];

describe("texts that follow each other", () => {
  const item = itemOf([part("It is so"), part("\n\nYes")], "Why.");
  const template = { before: ["{prompt}", { text: "\n" }], eachStep: ["{step}", { text: "." }] };
  const build = (segments: string): number[] => whole(builderOf(qwen, { ...template, segments }).build(item));

  test("are tokenised each by itself, by part, or as one", () => {
    // The vocabulary has ".\n" and ".\n\n": the first goes over two pieces, the second over two steps.
    const pieces = ["Why.", "\n", "It is so", ".", "\n\nYes", "."];
    expect(build("separate")).toEqual(pieces.flatMap((text) => encoded(text)));
    expect(build("parts")).toEqual(["Why.\n", "It is so.", "\n\nYes."].flatMap((text) => encoded(text)));
    expect(build("joined")).toEqual(encoded("Why.\nIt is so.\n\nYes."));
    expect(build("parts")).not.toEqual(build("separate"));
    expect(build("joined")).not.toEqual(build("parts"));
  });

  test("end at a token that is put in by its id", () => {
    const marked = { before: ["{prompt}"], eachStep: ["{step}", { token: "<extra_0>" }], segments: "joined" };
    const sequence = builderOf(qwen, marked, { read: { at: "mark", mark: "<extra_0>" } }).build(item);
    const mark = qwen.idOf("<extra_0>")!;
    expect(whole(sequence)).toEqual([...encoded("Why.It is so"), mark, ...encoded("\n\nYes"), mark]);
    expect([...sequence.mark].map((at) => sequence.ids[at])).toEqual([mark, mark]);
  });

  test("give each part the tokens that show its text, whole, in order and once", () => {
    const text = fc.string({
      unit: fc.constantFrom("a", " ", ".", "\n", "é", "e\u0301", "🎉", "本", "17", "<extra_0>"),
      minLength: 1,
    });
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 4 }),
        fc.constantFrom("separate", "parts", "joined"),
        fc.constantFrom(qwen, llama2),
        (texts, segments, tokenizer) => {
          const builder = builderOf(tokenizer, { ...template, segments });
          const sequence = builder.build(itemOf(texts.map((own) => part(own))));
          let free = 0;
          sequence.texts.forEach(({ at, encoding }, p) => {
            expect(at).toBeGreaterThanOrEqual(encoding.ids.length > 0 ? free : 0);
            free = Math.max(free, at + encoding.ids.length);
            expect([...encoding.ids]).toEqual(sequence.ids.slice(at, at + encoding.ids.length));
            let end = encoding.start[0] ?? 0;
            encoding.ids.forEach((_, t) => {
              expect(encoding.start[t]).toBeLessThanOrEqual(end);
              end = Math.max(end, encoding.end[t]!);
            });
            expect(end).toBe(encoding.ids.length === 0 ? 0 : texts[p]!.length);
          });
        },
      ),
    );
  });
});

describe("a mark", () => {
  const shepherd = {
    before: [{ token: "<s>" }, "{prompt}"],
    segments: "joined",
    firstStep: [{ text: " " }, "{step}", { text: " ки" }],
    eachStep: [{ text: "\n" }, "{step}", { text: " ки" }],
  };
  const read = { at: "mark", mark: " ки" };
  const tag = llama2.idOf("▁ки")!;

  test("that is text is read where its last character is, and the log's own is none", () => {
    const steps = ["A ки b.", "So ки"];
    const sequence = builderOf(llama2, shepherd, { read }).build(itemOf(steps.map((text) => part(text))));
    expect(whole(sequence)).toEqual([llama2.idOf("<s>"), ...encoded("Why? A ки b. ки\nSo ки ки", llama2)]);
    const tags = sequence.ids.flatMap((id, at) => (id === tag ? [at] : []));
    // The first and the third are words of the log.
    expect(tags).toHaveLength(4);
    expect([...sequence.mark]).toEqual([tags[1], tags[3]]);
  });

  test("one before the first step is read at the prompt's end", () => {
    const template = { before: ["{prompt}"], eachStep: [{ token: "<extra_0>" }, "{step}"] };
    const builder = builderOf(qwen, template, { read: { at: "mark", mark: "<extra_0>", offset: -1 } });
    const { mark, before, ids } = builder.build(itemOf([part("a"), part("b")]));
    expect(before).toEqual(encoded("Why?"));
    // −1 is the last token of what stands before; the second is read at "a".
    expect([...mark]).toEqual([-1, 1]);
    expect(ids[1]).toBe(encoded("a")[0]);
  });

  test("of what others said there is none", () => {
    const template = { before: ["{prompt}"], eachStep: ["{step}", { token: "<extra_0>" }] };
    const builder = builderOf(qwen, template, { read: { at: "mark", mark: "<extra_0>" } });
    const other = part("4", { kind: "other", role: "tool", turn: 2 });
    const { mark, texts } = builder.build(itemOf([part("a"), other]));
    expect([...mark]).toEqual([1, noMark]);
    expect(texts[1]!.encoding.ids).toHaveLength(0);
  });

  test("that is no token is told with what it is", () => {
    const template = { eachStep: ["{step}", { token: "not a token" }] };
    expect(() => builderOf(qwen, template)).toThrow(TokenizerError);
    expect(() => builderOf(qwen, template)).toThrow(/no token "not a token".*as text it is \d+ tokens/);
  });
});

describe("a text of a log", () => {
  test("cannot become a special token, wherever it is put", () => {
    const marks = [...qwen.specials.keys()].filter((name) => name.startsWith("<|") || name === "<extra_0>");
    const text = marks.join("");
    const forbidden = new Set(marks.map((name) => qwen.idOf(name)!));
    const count = (ids: readonly number[]): number => ids.filter((id) => forbidden.has(id)).length;
    for (const segments of ["separate", "parts", "joined"]) {
      const plain = { before: ["{prompt}"], eachStep: ["{step}", { token: "<extra_0>" }], segments };
      const read = { at: "mark", mark: "<extra_0>" };
      const sequence = builderOf(qwen, plain, { read }).build(itemOf([part(text), part(text)], text));
      expect(count(whole(sequence))).toBe(2);
      const chat = { eachStep: ["{step}", { token: "<extra_0>" }], segments, system: "log" };
      const hostile = {
        prompt: text,
        before: [
          { role: "system", text },
          { role: text, text },
        ],
        parts: [part(text), part(text, { kind: "other", role: text, turn: 2 })],
        answer: text,
      };
      const laid = builderOf(qwen, chat, { read, chat: qwenTemplate }).build(hostile);
      // Four messages have a start and an end each; one step has a mark.
      expect(count(whole(laid))).toBe(4 * 2 + 1);
    }
  });

  test("cannot be completed to a special token by the model's own", () => {
    const template = {
      before: [{ text: "<|im_" }, "{prompt}", { text: "|>" }],
      eachStep: ["{step}"],
      segments: "joined",
    };
    const ids = whole(builderOf(qwen, template).build(itemOf([part("a")], "end")));
    expect(ids).not.toContain(qwen.idOf("<|im_end|>"));
  });
});

describe("added tokens that are not special", () => {
  const thought = "<think>\n1 + 1</think> so 2";
  const tags = ["<think>", "</think>"].map((name) => qwen.idOf(name)!);
  const tagsOf = (ids: readonly number[]): number[] => ids.filter((id) => tags.includes(id));
  const steps = { before: ["{prompt}"], eachStep: ["{step}", { token: "<extra_0>" }] };
  const read = { at: "mark", mark: "<extra_0>" };

  test("are text in a log, and tokens where the manifest asks for the vocabulary's", () => {
    const build = (more: object): number[] =>
      whole(builderOf(qwen, { ...steps, ...more }, { read }).build(itemOf([part(thought)], "<think>?")));
    expect(tagsOf(build({}))).toEqual([]);
    expect(tagsOf(build({ addedTokens: "text" }))).toEqual([]);
    for (const segments of ["separate", "parts", "joined"])
      expect(build({ addedTokens: "vocabulary", segments })).toEqual([
        tags[0],
        ...encoded("?"),
        tags[0],
        ...encoded("\n1 + 1"),
        tags[1],
        ...encoded(" so 2"),
        qwen.idOf("<extra_0>"),
      ]);
  });

  test("stay text where the template names or writes them, and special ones always", () => {
    const build = (template: object): number[] =>
      whole(builderOf(qwen, { addedTokens: "vocabulary", ...template }).build(itemOf([part(thought)])));
    expect(tagsOf(build({ eachStep: ["{step}", { token: "</think>" }] }))).toEqual([tags[0], tags[1]]);
    expect(tagsOf(build({ before: [{ token: "<think>" }], eachStep: ["{step}"] }))).toEqual(tags);
    expect(tagsOf(build({ eachStep: ["{step}"], after: [{ text: "So.</think>" }] }))).toEqual(tags);
    const special = [...qwen.specials.keys()].filter((name) => !qwen.ordinary.has(name));
    const ids = whole(
      builderOf(qwen, { ...steps, addedTokens: "vocabulary" }, { read }).build(
        itemOf([part(special.join(""))], special.join(" ")),
      ),
    );
    const names = special.map((name) => qwen.idOf(name));
    expect(ids.filter((id) => names.includes(id))).toEqual([qwen.idOf("<extra_0>")]);
  });

  test("of a step are its tokens with their places, whatever stands around them", () => {
    const text = fc.string({
      unit: fc.constantFrom(
        "<think>",
        "</think>",
        "<extra_0>",
        "<|im_end|>",
        "<",
        "think>",
        " ",
        "\n",
        "é",
        "🎉",
        "a",
      ),
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 4 }),
        fc.constantFrom("separate", "parts", "joined"),
        (texts, segments) => {
          const builder = builderOf(qwen, { ...steps, addedTokens: "vocabulary", segments }, { read });
          const sequence = builder.build(itemOf(texts.map((own) => part(own))));
          texts.forEach((own, p) => {
            const { at, encoding } = sequence.texts[p]!;
            const shown = Array.from(encoding.ids, (id, t) => [
              id,
              own.slice(encoding.start[t], encoding.end[t]),
            ]);
            expect(shown.filter(([id]) => tags.includes(id as number))).toEqual(
              (own.match(/<\/?think>/g) ?? []).map((tag) => [qwen.idOf(tag), tag]),
            );
            expect([...encoding.ids]).toEqual(sequence.ids.slice(at, at + encoding.ids.length));
            expect(encoding.start[0]).toBe(0);
            expect(encoding.end.at(-1)).toBe(own.length);
            for (let t = 1; t < encoding.ids.length; t++)
              expect(encoding.start[t]).toBeLessThanOrEqual(encoding.end[t - 1]!);
            expect(sequence.ids[sequence.mark[p]!]).toBe(qwen.idOf("<extra_0>"));
          });
          expect(sequence.ids.filter((id) => id === qwen.idOf("<extra_0>"))).toHaveLength(texts.length);
        },
      ),
    );
  });
});

describe("ids of a log", () => {
  const bytes = ["Y", "e", "s"].flatMap((one) => encoded(one));

  test("are used as they are, where they spell the text", () => {
    const item = itemOf([part("Yes", { kind: "turn", ids: bytes })]);
    const builder = builderOf(qwen, { eachTurn: ["{content}"] }, { chat: qwenTemplate });
    const sequence = builder.build(item);
    expect(sequence.logged).toBe(1);
    expect([...sequence.texts[0]!.encoding.ids]).toEqual(bytes);
    const other = builder.build(itemOf([part("Yes", { kind: "turn", ids: encoded("No!") })]));
    expect(other.logged).toBe(0);
    expect([...other.texts[0]!.encoding.ids]).toEqual(encoded("Yes"));
  });

  test("are not used of steps that are tokenised as one, nor of text the template cuts", () => {
    const steps = builderOf(qwen, { eachStep: ["{step}", { token: "<extra_0>" }], segments: "joined" });
    expect(steps.build(itemOf([part("Yes", { ids: bytes })])).logged).toBe(0);
    const turns = builderOf(tokenizerOf("llama3"), { eachTurn: ["{content}"] }, { chat: llamaTemplate });
    const ids = [" ", "Y", "e", "s"].flatMap((one) => [...tokenizerOf("llama3").encode(one).ids]);
    const { logged, texts } = turns.build(itemOf([part(" Yes", { kind: "turn", ids })]));
    expect(logged).toBe(0);
    expect([texts[0]!.encoding.start[0], texts[0]!.encoding.end.at(-1)]).toEqual([1, 4]);
  });
});

describe("a step that is a message", () => {
  test("holds the question where the first one is told to, and is answered by its mark", () => {
    const answered = [{ message: "assistant" }, { token: "+" }];
    const template = {
      firstStep: [{ message: "user" }, "{prompt}", { text: " " }, "{step}", ...answered],
      eachStep: [{ message: "user" }, "{step}", ...answered],
    };
    const llama3 = tokenizerOf("llama3");
    const read = { at: "mark", mark: "+", offset: -1 };
    const sequence = builderOf(llama3, template, { read, chat: llamaTemplate }).build(
      itemOf([part("One."), part("Two.")]),
    );
    const message = (role: string, text: string): string =>
      `<|start_header_id|>${role}<|end_header_id|>\n\n${text}<|eot_id|>`;
    const text =
      message("user", "Why? One.") +
      message("assistant", "+") +
      message("user", "Two.") +
      message("assistant", "+");
    expect(whole(sequence)).toEqual([...llama3.encodeTemplate(text).ids]);
    for (const at of sequence.mark) expect(sequence.ids[at + 1]).toBe(llama3.idOf("+"));
  });
});
