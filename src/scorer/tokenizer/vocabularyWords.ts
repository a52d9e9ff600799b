import type { Tokenizer } from "@huggingface/tokenizers";
import { AlignedText } from "./alignedText.ts";
import { alignedBytes } from "./byteAlphabet.ts";
import type { PlainEncoder } from "./plainEncoder.ts";
import { cutAtSpaces, cutByPatterns, cutOutWhiteSpace } from "./textCut.ts";
import { TokenBuffer } from "./tokenBuffer.ts";
import { type Json, asRecord, asRecords } from "./tokenizerJson.ts";
import { mergedWord } from "./vocabulary.ts";
import type { Words } from "./wordEncoder.ts";
import { byteLevelPattern, prefixesSpace, splitPattern } from "./wordSplit.ts";

/**
 * The words that a vocabulary's texts fall into, where that is sure: byte-level vocabularies, whose splits are
 * expressions; SentencePiece, where no token reaches over a space; vocabularies that drop white space. Null elsewhere.
 */
export function vocabularyWords(json: Json, reference: Tokenizer, plain: PlainEncoder): Words | null {
  const steps = stepsOf(json["pre_tokenizer"], "pretokenizers");
  return (
    byteLevelWords(steps, reference, plain) ??
    spacedWords(json, steps, { normalizer: reference.normalizer, plain }) ??
    bareWords(json, steps, plain)
  );
}

function stepsOf(config: unknown, list: string): readonly Json[] {
  if (config === null || config === undefined) return [];
  const json = asRecord(config, "step");
  return json["type"] === "Sequence"
    ? asRecords(json[list], list).flatMap((step) => stepsOf(step, list))
    : [json];
}

/** Splits by expressions, then bytes. */
function byteLevelWords(
  steps: readonly Json[],
  { normalizer }: Tokenizer,
  plain: PlainEncoder,
): Words | null {
  const last = steps.at(-1);
  if (last?.["type"] !== "ByteLevel") return null;
  const before = steps.slice(0, -1).map(isolatingPattern);
  const isPrefixed = last["add_prefix_space"] === true;
  if (before.includes(null) || (isPrefixed && before.length > 0)) return null;
  const own = byteLevelPattern(last);
  const patterns = [...before, own].filter((pattern) => pattern !== null);
  if (patterns.length === 0) return null;
  const out = new TokenBuffer();
  return {
    cut: cutByPatterns(patterns),
    isPrefixed: (text) => isPrefixed && text !== "" && !text.startsWith(" "),
    ...(normalizer !== null && { isNormal: normalIn(normalizer) }),
    encode: (word) => {
      plain.encodeWord(alignedBytes(AlignedText.whole(word)), out);
      return out.take();
    },
  };
}

function normalIn(normalizer: NonNullable<Tokenizer["normalizer"]>): (text: string) => boolean {
  return (text) => normalizer.normalize(text) === text;
}

function isolatingPattern(step: Json): RegExp | null {
  if (step["type"] === "Digits") return step["individual_digits"] === true ? /\p{N}/gu : /\p{N}+/gu;
  const isIsolated = step["type"] === "Split" && step["behavior"] === "Isolated" && step["invert"] !== true;
  return isIsolated ? splitPattern(step) : null;
}

/** SentencePiece: spaces are written as ▁, by the normalisation or by a metaspace. */
function spacedWords(
  json: Json,
  steps: readonly Json[],
  { normalizer, plain }: { readonly normalizer: Tokenizer["normalizer"]; readonly plain: PlainEncoder },
): Words | null {
  const rewriting = stepsOf(json["normalizer"], "normalizers");
  const rewritten = rewriting.length > 0 ? normalizedSpacing(rewriting, steps) : null;
  const spacing = rewritten ?? metaspacing(steps);
  if (spacing === null || !holdsSpaceApart(json["model"] as Json, spacing.isSplit)) return null;
  const out = new TokenBuffer();
  return {
    cut: cutAtSpaces(spacing.isSplit ? "each" : "runs"),
    isPrefixed: spacing.isPrefixed,
    // What is normalised before it is split must be normal; what only writes spaces is done with here.
    ...(rewritten === null && normalizer !== null && { isNormal: normalIn(normalizer) }),
    encode: (word) => {
      plain.encodeWord(AlignedText.whole(word).replaced(/ /g, "▁"), out);
      return out.take();
    },
  };
}

interface Spacing {
  readonly isPrefixed: (text: string, isFirst: boolean) => boolean;
  /** Whether words are split at every space; else they are one text for the model. */
  readonly isSplit: boolean;
}

/** `Prepend ▁` and `Replace " " by ▁`, as Llama 2 and Gemma have them; after it nothing is left to split at spaces. */
function normalizedSpacing(rewriting: readonly Json[], steps: readonly Json[]): Spacing | null {
  const isPrefixed = rewriting[0]?.["type"] === "Prepend" && rewriting[0]["prepend"] === "▁";
  const [replace, ...others] = isPrefixed ? rewriting.slice(1) : rewriting;
  const pattern = replace?.["pattern"] as Json | undefined;
  const isSpacing =
    replace?.["type"] === "Replace" &&
    pattern?.["String"] === " " &&
    replace["content"] === "▁" &&
    others.length === 0;
  const splitsSpaces = (step: Json): boolean =>
    step["type"] === "Split" &&
    (step["pattern"] as Json | undefined)?.["String"] === " " &&
    step["invert"] !== true;
  if (!isSpacing || !steps.every(splitsSpaces)) return null;
  return { isPrefixed: (text) => isPrefixed && text !== "", isSplit: false };
}

function metaspacing(steps: readonly Json[]): Spacing | null {
  const [step, ...others] = steps;
  if (step?.["type"] !== "Metaspace" || others.length > 0) return null;
  const isPrefixed = prefixesSpace(step);
  return {
    isPrefixed: (text, isFirst) => text !== "" && isPrefixed(text, isFirst),
    isSplit: step["split"] !== false,
  };
}

/**
 * Whether words can be encoded one by one: they are split, or no pair is ever merged over the beginning of a space.
 * Unigram weighs whole texts by sums that round differently, so that it is left alone.
 */
function holdsSpaceApart({ vocab, merges, end_of_word_suffix: suffix }: Json, isSplit: boolean): boolean {
  if (isSplit) return true;
  if (Array.isArray(vocab) || !Array.isArray(merges) || (suffix ?? "") !== "") return false;
  const reachesOver = (word: string): boolean => /[^▁]▁/.test(word);
  const words = vocab as Json;
  return "▁" in words && !Object.keys(words).some(reachesOver) && !merges.map(mergedWord).some(reachesOver);
}

/** Kinds of normalisation of which none reaches over white space. */
const local = new Set(["BertNormalizer", "Lowercase", "NFC", "NFD", "NFKC", "NFKD", "StripAccents"]);
const dropping = new Set(["BertPreTokenizer", "Whitespace", "WhitespaceSplit"]);
const within = new Set([...dropping, "Punctuation", "Digits"]);

/** White space ends words and is dropped: what stands between takes the whole plain way, once. */
function bareWords(json: Json, steps: readonly Json[], plain: PlainEncoder): Words | null {
  const isLocal = stepsOf(json["normalizer"], "normalizers").every((step) => local.has(String(step["type"])));
  const [first] = steps;
  if (!isLocal || !dropping.has(String(first?.["type"]))) return null;
  if (!steps.every((step) => within.has(String(step["type"])))) return null;
  return {
    cut: cutOutWhiteSpace,
    isPrefixed: () => false,
    encode: (word) => plain.encode(word, false),
  };
}
