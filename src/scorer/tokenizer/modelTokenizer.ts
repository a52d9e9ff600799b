import { Tokenizer } from "@huggingface/tokenizers";
import { byteSpans } from "./byteSpans.ts";
import { normalizedSpans } from "./normalizedSpans.ts";
import type { TextEncoder16, TextEncoding } from "./textEncoding.ts";
import { wordEncoder } from "./wordEncoder.ts";

type Json = Readonly<Record<string, unknown>>;

/** What about a tokenizer cannot be used, in words for the person whose model it is. */
export class TokenizerError extends Error {}

/** Text that shows most differences between two encoders: they must agree on it before the faster one is used. */
const samples = [
  "Tom has 12 + 5 = 17 apples.\n\nThe answer is 17.",
  "  two  spaces, tab\there, don't, I'LL, naïve café\r\n\r\nnext",
  "日本語のテキスト 中文 한국어 \u{1F469}\u200D\u{1F680} \u{1F600}! \\(\\frac{a}{b} \\times 3.50\\) e\u0301",
  "def f(x):\n    return x ** 2  # squares\n\n\n<step> <|im_end|> ",
];

/**
 * A model's tokenizer with exact character spans. Text is encoded without the vocabulary's special tokens, so that a
 * rollout that contains a mark as text does not make one; marks are asked for by name.
 */
export class ModelTokenizer {
  readonly #tokenizer: Tokenizer;
  readonly #special = new Map<string, number>();
  readonly #isByteLevel: boolean;
  readonly #specialIds: ReadonlySet<number>;
  readonly #encode: TextEncoder16;

  /** @throws TokenizerError when the file is no tokenizer that can be used */
  constructor(json: Json, config: Json) {
    const { added_tokens: added, ...rest } = json;
    for (const token of Array.isArray(added) ? (added as Json[]) : [])
      this.#special.set(String(token["content"]), Number(token["id"]));
    this.#isByteLevel = holdsType(json["pre_tokenizer"], "ByteLevel");
    const isMetaspace =
      holdsType(json["pre_tokenizer"], "Metaspace") || JSON.stringify(json["normalizer"] ?? "").includes("▁");
    if (!this.#isByteLevel && !isMetaspace)
      throw new TokenizerError(
        "is neither byte-level nor SentencePiece, so that its tokens have no place in the text",
      );
    try {
      this.#tokenizer = new Tokenizer({ ...rest, added_tokens: [], post_processor: null }, config);
    } catch (error) {
      throw new TokenizerError(`cannot be read (${error instanceof Error ? error.message : String(error)})`);
    }
    const slow: TextEncoder16 = (text) => this.#walk(text);
    this.#specialIds = new Set(this.#special.values());
    for (const text of samples) slow(text);
    this.#encode = this.#faster(json["pre_tokenizer"], slow) ?? slow;
  }

  /** Tokens of a text; none of them is special, whatever the text says. */
  encode(text: string): TextEncoding {
    const encoding = this.#encode(text);
    if (!encoding.ids.some((id) => this.#specialIds.has(id))) return encoding;
    // Some vocabularies hold their marks as ordinary words too: letter by letter none is left.
    const ids: number[] = [];
    const start: number[] = [];
    const end: number[] = [];
    let at = 0;
    for (const character of text) {
      const one = this.#encode(character);
      ids.push(...one.ids);
      start.push(...one.start.map((from) => at + from));
      end.push(...one.end.map((to) => at + to));
      at += character.length;
    }
    return { ids, start, end };
  }

  /** Id of a special token, or of an entry of the vocabulary, by its name; null where there is none. */
  idOf(name: string): number | null {
    return this.#special.get(name) ?? this.#tokenizer.token_to_id(name) ?? null;
  }

  /** Encodes a text as a whole and walks along it byte by byte. */
  #walk(text: string): TextEncoding {
    if (text === "") return { ids: [], start: [], end: [] };
    const { ids, tokens } = this.#tokenizer.encode(text, { add_special_tokens: false });
    const lengths = tokens.map((token) => this.#bytesOf(token));
    const normalize = (part: string): string =>
      this.#isByteLevel && this.#tokenizer.normalizer !== null
        ? this.#tokenizer.normalizer.normalize(part)
        : part;
    const normalized = normalize(text);
    const direct = byteSpans(normalized, lengths) ?? byteSpans(normalized, withoutPrefix(tokens, lengths));
    const spans =
      direct === null || normalized === text ? direct : normalizedSpans(text, normalized, normalize, direct);
    if (spans === null)
      throw new TokenizerError(
        `makes tokens that do not add up to the text ${JSON.stringify(text.slice(0, 40))}`,
      );
    return { ids, ...spans };
  }

  /** The cached encoder, where the vocabulary's split can be done here and gives the same; null otherwise. */
  #faster(preTokenizer: unknown, slow: TextEncoder16): TextEncoder16 | null {
    const pattern = this.#isByteLevel ? splitPattern(preTokenizer) : null;
    const { normalizer, model } = this.#tokenizer;
    if (pattern === null || model === null) return null;
    const toBytes = this.#tokenizer.pre_tokenizer!;
    const fast = wordEncoder(pattern, (word) => {
      // It is one word already, whatever the split would make of it where it stands alone.
      const tokens = model._call([toBytes.pre_tokenize(word).join("")]);
      return {
        ids: tokens.map((token) => model.tokens_to_ids.get(token) ?? model.unk_token_id ?? 0),
        bytes: tokens.map((token) => token.length),
      };
    });
    const checked: TextEncoder16 = (text) =>
      normalizer !== null && normalizer.normalize(text) !== text ? slow(text) : fast(text);
    const agrees = samples.every((text) => JSON.stringify(checked(text)) === JSON.stringify(slow(text)));
    return agrees ? checked : null;
  }

  #bytesOf(token: string): number {
    if (this.#isByteLevel) return token.length;
    if (/^<0x[0-9A-F]{2}>$/.test(token)) return 1;
    return Buffer.byteLength(token.replaceAll("▁", " "));
  }
}

/** SentencePiece puts a space before a text that has none. */
function withoutPrefix(tokens: readonly string[], lengths: readonly number[]): readonly number[] {
  return tokens[0]?.startsWith("▁") === true ? [lengths[0]! - 1, ...lengths.slice(1)] : lengths;
}

function holdsType(value: unknown, type: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  return (value as Json)["type"] === type || Object.values(value).some((entry) => holdsType(entry, type));
}

/** The expression by which a byte-level vocabulary splits text into words; null where it does more than that. */
function splitPattern(preTokenizer: unknown): RegExp | null {
  const outer = preTokenizer as Json;
  const list = outer["type"] === "Sequence" ? (outer["pretokenizers"] as Json[]) : [outer];
  const [first, second, ...others] = list;
  if (others.length > 0 || first === undefined) return null;
  if (second === undefined && first["type"] === "ByteLevel" && first["add_prefix_space"] !== true)
    return first["use_regex"] === false ? null : compile(gpt2);
  const isSplit = first["type"] === "Split" && first["behavior"] === "Isolated" && first["invert"] !== true;
  const isBytes =
    second?.["type"] === "ByteLevel" && second["use_regex"] === false && second["add_prefix_space"] !== true;
  const source = (first["pattern"] as Json | undefined)?.["Regex"];
  return isSplit && isBytes && typeof source === "string" ? compile(source) : null;
}

const gpt2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/** Expressions are written for another engine; the one group of letters that differs is spelled out. */
function compile(source: string): RegExp | null {
  const spelled = source.replaceAll(
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)",
    "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])",
  );
  try {
    return new RegExp(spelled, "gu");
  } catch {
    return null;
  }
}
