import { Tokenizer } from "@huggingface/tokenizers";
import { sequenceEnds, tokenOfRole } from "../../core/head/sequenceEnds.ts";
import { AddedTokens, type IsSeen } from "./addedTokens.ts";
import { AlignedText } from "./alignedText.ts";
import { utf8 } from "./byteAlphabet.ts";
import { PlainEncoder } from "./plainEncoder.ts";
import { roleTokens } from "./roleTokens.ts";
import {
  type TokenText,
  type Writing,
  bytesOfWord,
  spelledSpans,
  spellingsOf,
  writingOf,
} from "./spelling.ts";
import type { EncodeText, TextEncoding } from "./textEncoding.ts";
import { TokenBuffer } from "./tokenBuffer.ts";
import { TokenizerError } from "./tokenizerError.ts";
import type { Json } from "./tokenizerJson.ts";
import { type AddedToken, type Vocabulary, isBlank, readVocabulary } from "./vocabulary.ts";
import { vocabularyWords } from "./vocabularyWords.ts";
import { wordEncoder } from "./wordEncoder.ts";
import { isReadInFull } from "./wordSplit.ts";

export { TokenizerError } from "./tokenizerError.ts";

/** Half-open, in UTF-16 units. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** How a text of the model's own is read. */
export interface TemplateOptions {
  /** As for `encode`. */
  readonly place?: "first" | "later";
  /** Ids of added tokens that are seen everywhere, in what a log says too. Default: none. */
  readonly written?: ReadonlySet<number>;
}

/** Text that shows most differences between two ways to encode it: they must agree on it before one is used. */
const samples = [
  "Tom has 12 + 5 = 17 apples.\n\nThe answer is 17.",
  "  two  spaces, tab\there, don't, I'LL, naïve café\r\n\r\nnext  ",
  "日本語のテキスト 中文 한국어 \u{1F469}\u200D\u{1F680} \u{1F600}! \\(\\frac{a}{b} \\times 3.50\\) e\u0301",
  "def f(x):\n    return x ** 2  # squares\n\n\n<step> <|im_end|> ",
  "▁ ▁a\u00A0b <0x41> <unk> [UNK] ##ing \uD83D \u0000",
];

/**
 * A model's tokenizer with exact character spans, for byte-level BPE, SentencePiece (BPE and Unigram) and WordPiece.
 * Text of a log is encoded without the vocabulary's added tokens, so that a rollout that contains a mark as text does not
 * make one; marks are asked for by name, or stand in the model's own texts. Added tokens that are no marks are seen in it
 * where a manifest asks for that.
 */
export class ModelTokenizer {
  /** The largest id and one. */
  readonly size: number;
  /** Id of the token that the vocabulary puts before a text by itself; null where it puts none. */
  readonly bosId: number | null;
  /** Id of the token that the vocabulary puts after a text by itself; null where it puts none. */
  readonly eosId: number | null;
  /** Ids of the added tokens by what they are in a text of the model's own. */
  readonly specials: ReadonlyMap<string, number>;
  /** Ids of those that neither tokenizer.json nor tokenizer_config.json makes special, as `<think>` of Qwen3. */
  readonly ordinary: ReadonlyMap<string, number>;
  readonly #reference: Tokenizer;
  readonly #config: Json;
  readonly #vocabulary: Vocabulary;
  readonly #writing: Writing;
  readonly #plain: PlainEncoder;
  readonly #encode: EncodeText;
  /** White space that is one token in every text. */
  readonly #blank: AddedTokens;
  readonly #added: AddedTokens;
  readonly #addedNormalized: AddedTokens;
  readonly #addedById: ReadonlyMap<number, AddedToken>;
  readonly #texts = new Map<number, TokenText>();

  /**
   * @param json tokenizer.json
   * @param config tokenizer_config.json, as far as there is one
   * @throws TokenizerError when the file is no tokenizer that can be used
   */
  constructor(json: Json, config: Json) {
    try {
      this.#vocabulary = readVocabulary(json);
      const file: Json = { ...json, model: this.#vocabulary.model };
      this.#reference = referenceOf(file);
      this.#plain = new PlainEncoder(file, this.#reference);
      this.#encode = fastestOf(file, this.#reference, this.#plain);
    } catch (error) {
      if (error instanceof TokenizerError) throw error;
      throw new TokenizerError(`cannot be read (${error instanceof Error ? error.message : String(error)})`);
    }
    this.#config = config;
    this.#writing = writingOf(json);
    const { added, names } = this.#vocabulary;
    this.size = names.length;
    this.specials = new Map(added.filter((token) => !isBlank(token)).map(({ content, id }) => [content, id]));
    const roles = roleTokens(config);
    const ordinary = added.filter((token) => !token.special && !isBlank(token) && !roles.has(token.content));
    this.ordinary = new Map(ordinary.map(({ content, id }) => [content, id]));
    this.#addedById = new Map(added.map((token) => [token.id, token]));
    const { normalizer } = this.#reference;
    // Special tokens are looked for in the text as it is, whatever an old file says of them.
    const isRaw = ({ special, normalized }: AddedToken): boolean =>
      special || !normalized || normalizer === null;
    this.#blank = new AddedTokens(added.filter(isBlank));
    this.#added = new AddedTokens(added.filter(isRaw));
    this.#addedNormalized = new AddedTokens(
      added.filter((token) => !isRaw(token)),
      (content) => normalizer!.normalize(content),
    );
    const { first, last } = sequenceEnds(json["post_processor"], config);
    this.bosId = first === null ? null : this.idOf(first);
    this.eosId = last === null ? null : this.idOf(last);
  }

  /**
   * Tokens of a text of a log; none of them is special, whatever the text says.
   * @param place whether something stands before the text, in vocabularies that put a space before the first word only
   * @throws TokenizerError where a token's place in the text cannot be found
   */
  encode(text: string, place: "first" | "later" = "first"): TextEncoding {
    const isFirst = place === "first";
    const sections = this.#blank.sections(text);
    if (sections.length === 0 || (sections.length === 1 && sections[0]!.token === null))
      return this.#encode(text, isFirst);
    const out = new TokenBuffer();
    for (const { from, to, token } of sections)
      if (token !== null) out.add(token.id, from, to);
      else out.addAll(this.#encode(text.slice(from, to), isFirst && from === 0), from);
    return out.take();
  }

  /**
   * Tokens of a text of the model's own, as a chat template writes it: added tokens are recognised.
   * @param own where the text is the model's own; elsewhere (what a log says, put into the template) no added token is
   *   seen but those of `written`. Absent: everywhere.
   * @throws TokenizerError where a token's place in the text cannot be found
   */
  encodeTemplate(
    text: string,
    own?: readonly TextRange[],
    { place = "first", written }: TemplateOptions = {},
  ): TextEncoding {
    const isFirst = place === "first";
    const whole = AlignedText.whole(this.#addedNormalized.isEmpty ? "" : text);
    const isSeen: IsSeen = (from, to, token) =>
      own === undefined ||
      isBlank(token) ||
      written?.has(token.id) === true ||
      own.some(({ start, end }) => start <= from && to <= end);
    const out = new TokenBuffer();
    for (const { from, to, token } of this.#added.sections(text, isSeen)) {
      if (token !== null) out.add(token.id, from, to);
      else if (this.#addedNormalized.isEmpty)
        out.addAll(this.#encode(text.slice(from, to), isFirst && from === 0), from);
      else this.#encodeSection(whole.slice(from, to), isFirst && from === 0, isSeen, out);
    }
    return out.take();
  }

  /** Text between added tokens, some of which are looked for in the normalised text. */
  #encodeSection(text: AlignedText, isFirst: boolean, isSeen: IsSeen, out: TokenBuffer): void {
    const normalized = this.#plain.normalize(text);
    const isSeenThere: IsSeen = (from, to, token) =>
      isSeen(normalized.startOf(from), normalized.endOf(from, to), token);
    for (const { from, to, token } of this.#addedNormalized.sections(normalized.text, isSeenThere)) {
      if (token !== null) out.add(token.id, normalized.startOf(from), normalized.endOf(from, to));
      else this.#plain.encodeNormalized(normalized.slice(from, to), isFirst && from === 0, out);
    }
  }

  /**
   * Where the ids that a log holds stand in its text: they are this vocabulary's if they spell the text, but for special
   * tokens that it does not show, as an end-of-turn mark.
   * @returns null where they spell another text: they are another tokenizer's
   */
  spansOf(ids: ArrayLike<number>, text: string): TextEncoding | null {
    const logged = Int32Array.from(ids);
    const tokens: TokenText[] = [];
    for (let t = 0; t < ids.length; t++) {
      const token = logged[t] === ids[t] ? this.#textOf(ids[t]!) : null;
      if (token === null) return null;
      tokens.push(token);
    }
    const firstSpace = this.#writing === "spaces" ? "dropped" : "written";
    // What is unknown spells nothing.
    const isSpelled =
      this.#writing !== "lossy" && !logged.includes(this.#reference.model!.unk_token_id ?? -1);
    const spelled = isSpelled ? spelledSpans(logged, tokens, text, firstSpace) : null;
    return spelled ?? this.#encodedSpans(logged, text);
  }

  /** Spans of ids that are the text's own tokens, where these do not spell it, with special tokens around them. */
  #encodedSpans(ids: Int32Array, text: string): TextEncoding | null {
    const own = this.encode(text);
    const isSpecial = (id: number): boolean => this.#addedById.get(id)?.special === true;
    const extra = ids.length - own.ids.length;
    for (let before = 0; before <= extra; before++) {
      if (own.ids.every((id, t) => id === ids[before + t])) {
        const around = [...ids.subarray(0, before), ...ids.subarray(before + own.ids.length)];
        if (!around.every(isSpecial)) return null;
        const start = new Int32Array(ids.length).fill(text.length).fill(0, 0, before);
        const end = start.slice();
        start.set(own.start, before);
        end.set(own.end, before);
        return { ids, start, end };
      }
      if (!isSpecial(ids[before] ?? -1)) return null;
    }
    return null;
  }

  /** Id of a special token, or of an entry of the vocabulary, by its name or its text; null where there is none. */
  idOf(name: string): number | null {
    const { markIds } = this.#vocabulary;
    for (const spelling of [name, ...spellingsOf(name, this.#writing)]) {
      const id = markIds.get(spelling) ?? this.#reference.token_to_id(spelling);
      if (id !== undefined) return id;
    }
    return null;
  }

  /** Id of the token that tokenizer_config.json gives a role: `bos_token`, `eos_token`, `pad_token`; null for none. */
  idOfRole(role: string): number | null {
    const name = tokenOfRole(this.#config, role);
    return name === null ? null : this.idOf(name);
  }

  /** A token as the vocabulary writes it, its control characters as escapes; `[id]` where there is none. */
  decodeToken(id: number): string {
    const name = this.#vocabulary.names[id];
    return name === undefined ? `[${id}]` : name.replaceAll(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu, escapeOf);
  }

  /** What a token stands for; null where the vocabulary has none of this id. */
  #textOf(id: number): TokenText | null {
    const known = this.#texts.get(id);
    if (known !== undefined) return known;
    const added = this.#addedById.get(id);
    const name = this.#vocabulary.names[id];
    if (name === undefined) return null;
    const text: TokenText =
      added === undefined
        ? { bytes: bytesOfWord(name, this.#writing), isAdded: false, special: false }
        : { bytes: utf8(added.content), isAdded: true, special: added.special };
    this.#texts.set(id, text);
    return text;
  }
}

/** The reference tokenizer of a file, without what is done here. */
function referenceOf(file: Json): Tokenizer {
  const parts = { pre_tokenizer: null, normalizer: null, ...file };
  // Flags of tokenizer_config.json that change the text stand in tokenizer.json's normalisation already.
  return new Tokenizer({ ...parts, added_tokens: [], post_processor: null, decoder: null }, {});
}

/**
 * The fastest way to encode that does the same as the plain one.
 * @throws TokenizerError where the plain one differs from the reference tokenizer in what that reads
 */
function fastestOf(file: Json, reference: Tokenizer, plain: PlainEncoder): EncodeText {
  const { model } = file as { readonly model: Json };
  const { fuse_unk: isFused, byte_fallback: isByteFallback, vocab } = model;
  // It joins what is unknown over words, and knows no bytes in Unigram.
  const isModelRead = Array.isArray(vocab)
    ? isByteFallback !== true
    : isFused !== true || isByteFallback === true;
  if (isReadInFull(file["pre_tokenizer"]) && (isModelRead || (file["pre_tokenizer"] ?? null) === null))
    for (const text of samples) {
      const { ids } = reference.encode(text, { add_special_tokens: false });
      if (!sameNumbers(plain.encode(text, true).ids, ids))
        throw new TokenizerError("is read here in another way than by the reference tokenizer");
    }
  const slow: EncodeText = (text, isFirst) => plain.encode(text, isFirst);
  const words = vocabularyWords(file, reference, plain);
  if (words === null) return slow;
  const fast = wordEncoder(words);
  const { isNormal } = words;
  const checked: EncodeText = (text, isFirst) => {
    if (isNormal === undefined || isNormal(text)) return fast(text, isFirst);
    const normalized = plain.normalize(AlignedText.whole(text));
    const { ids, start, end } = fast(normalized.text, isFirst);
    return {
      ids,
      start: start.map((from) => normalized.startOf(from)),
      end: end.map((to, t) => normalized.endOf(start[t]!, to)),
    };
  };
  const agrees = [true, false].every((isFirst) =>
    samples.every((text) => {
      const [a, b] = [checked(text, isFirst), slow(text, isFirst)];
      return sameNumbers(a.ids, b.ids) && sameNumbers(a.start, b.start) && sameNumbers(a.end, b.end);
    }),
  );
  return agrees ? checked : slow;
}

function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function escapeOf(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}
