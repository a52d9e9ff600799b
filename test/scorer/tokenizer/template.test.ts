import { describe, expect, test } from "vitest";
import { ModelTokenizer } from "../../../src/scorer/tokenizer/modelTokenizer.ts";
import { readKind, tokenizerOf } from "./kinds.ts";

function shown(tokenizer: ModelTokenizer, text: string, own?: { start: number; end: number }[]): string[] {
  const { ids, start, end } = tokenizer.encodeTemplate(text, own);
  return Array.from(ids, (id, t) => `${tokenizer.decodeToken(id)}=${text.slice(start[t], end[t])}`);
}

function withAdded(tokens: readonly Record<string, unknown>[]): ModelTokenizer {
  const json = readKind("qwen2");
  return new ModelTokenizer(
    { ...json, added_tokens: tokens.map((token, k) => ({ id: 9000 + k, ...token })) },
    {},
  );
}

describe("a template's text", () => {
  test("has special tokens where they stand", () => {
    expect(shown(tokenizerOf("qwen2"), "<|im_start|> the<|im_end|>\n")).toEqual([
      "<|im_start|>=<|im_start|>",
      "Ġthe= the",
      "<|im_end|>=<|im_end|>",
      "Ċ=\n",
    ]);
  });

  test("has none where a log speaks in it, and its words join with the template's", () => {
    const text = "<|im_start|>the<|im_end|> answer<|im_end|>";
    const log = text.indexOf("<|im_end|>");
    const [from, to] = [log, text.lastIndexOf("<|im_end|>")];
    const own = [
      { start: 0, end: from },
      { start: to, end: text.length },
    ];
    const tokens = shown(tokenizerOf("qwen2"), text, own);
    expect(tokens.filter((token) => token.startsWith("<|im_end|>="))).toHaveLength(1);
    expect(tokens.at(-1)).toBe("<|im_end|>=<|im_end|>");
    // A mark of which a part is the log's is none.
    expect(shown(tokenizerOf("qwen2"), "<|im_end|>", [{ start: 0, end: 5 }])).not.toContain(
      "<|im_end|>=<|im_end|>",
    );
  });

  test("has the longest token that fits, and a shorter one where the log makes it longer", () => {
    const tokenizer = withAdded([
      { content: "<a>", special: true },
      { content: "<a>b", special: true },
    ]);
    expect(shown(tokenizer, "<a>b<a>c")).toEqual(["<a>b=<a>b", "<a>=<a>", "c=c"]);
    expect(shown(tokenizer, "<a>b", [{ start: 0, end: 3 }])).toEqual(["<a>=<a>", "b=b"]);
  });

  test("gives tokens the white space that is theirs, and single words only words", () => {
    const tokenizer = withAdded([
      { content: "<l>", special: true, lstrip: true },
      { content: "<r>", special: true, rstrip: true },
      { content: "WORD", special: true, single_word: true },
    ]);
    expect(shown(tokenizer, "a \n<l> <r>  b")).toEqual(["a=a", "<l>= \n<l>", "Ġ= ", "<r>=<r>  ", "b=b"]);
    expect(shown(tokenizer, "<r> <l>")).toEqual(["<r>=<r> ", "<l>=<l>"]);
    const words = shown(tokenizer, "WORD, WORDS").filter((token) => token === "WORD=WORD");
    expect(words).toHaveLength(1);
  });

  test("has a normalised token in every spelling that is normalised to it", () => {
    const tokens = shown(tokenizerOf("bert"), "the [STEP] [Step] [MASK] [mask]");
    expect(tokens.filter((token) => token.startsWith("[Step]="))).toEqual(["[Step]=[STEP]", "[Step]=[Step]"]);
    expect(tokens.filter((token) => token.startsWith("[MASK]="))).toEqual(["[MASK]= [MASK]"]);
  });

  test("begins once: no space is put before what follows a special token", () => {
    expect(shown(tokenizerOf("mistral"), "[INST]the")[1]).not.toMatch(/^▁/);
    // Llama 2 rewrites every stretch of text by itself, and puts one everywhere.
    expect(shown(tokenizerOf("llama2"), "<s>the")).toEqual(["<s>=<s>", "▁the=the"]);
  });

  test("that is empty has no tokens", () => {
    expect(tokenizerOf("qwen2").encodeTemplate("").ids).toHaveLength(0);
    expect(tokenizerOf("mistral").encode("").ids).toHaveLength(0);
  });
});

describe("names", () => {
  test("are those of special tokens, of words, and of words by their text", () => {
    const qwen2 = tokenizerOf("qwen2");
    expect(qwen2.decodeToken(qwen2.idOf("<extra_0>")!)).toBe("<extra_0>");
    expect(qwen2.idOf("\n")).toBe(qwen2.idOf("Ċ"));
    expect(qwen2.idOf(" answer")).toBe(qwen2.idOf("Ġanswer"));
    expect(qwen2.idOf("no such word")).toBeNull();
    const mistral = tokenizerOf("mistral");
    expect(mistral.idOf(" answer")).toBe(mistral.idOf("▁answer"));
    expect(mistral.idOf("\n")).toBe(mistral.idOf("<0x0A>"));
    expect([...qwen2.specials.keys()]).toContain("<think>");
    expect([...tokenizerOf("gpt2").specials.keys()]).toEqual(["<|endoftext|>"]);
  });

  test("of added tokens are ordinary where neither file makes them special", () => {
    const names = (config: Record<string, unknown> = {}): string[] => [
      ...tokenizerOf("qwen2", config).ordinary.keys(),
    ];
    expect(names()).toEqual(["<think>", "</think>"]);
    expect(names({ eos_token: "</think>", bos_token: null, add_bos_token: true })).toEqual(["<think>"]);
    expect(names({ mask_token: { content: "<think>" } })).toEqual(["</think>"]);
    expect(names({ additional_special_tokens: ["<think>", { content: "</think>" }] })).toEqual([]);
    expect(names({ extra_special_tokens: { thought_token: "<think>" } })).toEqual(["</think>"]);
    expect([...tokenizerOf("gpt2").ordinary.keys()]).toEqual([]);
  });

  test("are shown as the vocabulary writes them, so that they can be read", () => {
    const qwen2 = tokenizerOf("qwen2");
    expect(qwen2.decodeToken(qwen2.idOf("Ġanswer")!)).toBe("Ġanswer");
    expect(qwen2.decodeToken(qwen2.size)).toBe(`[${qwen2.size}]`);
    expect(withAdded([{ content: "a\n\u001b[0m", special: true }]).decodeToken(9000)).toBe(
      "a\\u{a}\\u{1b}[0m",
    );
  });

  test("end with the largest id", () => {
    const json = readKind("qwen2");
    expect(tokenizerOf("qwen2").size).toBe(Math.max(...json.added_tokens.map(({ id }) => id)) + 1);
    expect(withAdded([{ content: "x" }]).size).toBe(9001);
  });
});

describe("what a vocabulary puts around a text by itself", () => {
  const named = (tokenizer: ModelTokenizer): (string | null)[] =>
    [tokenizer.bosId, tokenizer.eosId].map((id) => (id === null ? null : tokenizer.decodeToken(id)));

  test("is read from its post-processor", () => {
    expect(named(tokenizerOf("llama3"))).toEqual(["<|begin_of_text|>", null]);
    expect(named(tokenizerOf("llama2"))).toEqual(["<s>", null]);
    expect(named(tokenizerOf("unigram"))).toEqual([null, "</s>"]);
    expect(named(tokenizerOf("bert"))).toEqual(["[CLS]", "[SEP]"]);
    expect(named(tokenizerOf("qwen2"))).toEqual([null, null]);
  });

  test("is what tokenizer_config.json says where it says it", () => {
    const begin = "<｜begin▁of▁sentence｜>";
    const config = {
      add_bos_token: true,
      add_eos_token: false,
      bos_token: { content: begin, lstrip: false },
    };
    expect(named(tokenizerOf("deepseek", config))).toEqual([begin, null]);
    expect(named(tokenizerOf("llama2", { add_bos_token: false }))).toEqual([null, null]);
    expect(named(tokenizerOf("deepseek", { add_bos_token: true }))).toEqual([null, null]);
  });

  test("is known by its role, too", () => {
    const tokenizer = tokenizerOf("qwen2", {
      eos_token: "<|im_end|>",
      pad_token: { content: "<|endoftext|>" },
      bos_token: null,
    });
    expect(tokenizer.idOfRole("eos_token")).toBe(tokenizer.idOf("<|im_end|>"));
    expect(tokenizer.idOfRole("pad_token")).toBe(tokenizer.idOf("<|endoftext|>"));
    expect(tokenizer.idOfRole("bos_token")).toBeNull();
  });
});
