/** Small tokenizer files in the two ways that are read, made here so that every entry is known. */

/** The byte alphabet of byte-level vocabularies: each byte as one printable character. */
export const byteAlphabet: readonly string[] = (() => {
  const printable = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : next++));
})();

const special = ["<pad>", "<bos>", "<step>", "<sol>"];
const addedTokens = special.map((content, id) => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
}));

/** Byte-level BPE with a few merges; `normalizer` as in tokenizer.json. */
export function byteLevelVocabulary(normalizer: object | null = null): Record<string, unknown> {
  const merges = [
    ["t", "e"],
    ["te", "p"],
    ["s", "tep"],
    ["Ġ", "="],
    ["1", "7"],
    ["ð", "Ł"],
  ];
  const tokens = [...special, ...byteAlphabet, ...merges.map((pair) => pair.join(""))];
  return {
    version: "1.0",
    added_tokens: addedTokens,
    normalizer,
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: true },
    post_processor: null,
    decoder: { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: true },
    model: { type: "BPE", vocab: indexed(tokens), merges: merges.map((pair) => pair.join(" ")) },
  };
}

/** SentencePiece as Llama and Mistral write it: ▁ for a space, bytes for what is not in the vocabulary. */
export function sentencePieceVocabulary(): Record<string, unknown> {
  const bytes = Array.from(
    { length: 256 },
    (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
  );
  const letters = "▁abcdefghijklmnopqrstuvwxyzT0123456789+=.<>".split("");
  const merges = [
    ["▁", "T"],
    ["o", "m"],
    ["▁T", "om"],
  ];
  const tokens = [...special, "<unk>", ...bytes, ...letters, ...merges.map((pair) => pair.join(""))];
  return {
    version: "1.0",
    added_tokens: addedTokens,
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "Prepend", prepend: "▁" },
        { type: "Replace", pattern: { String: " " }, content: "▁" },
      ],
    },
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    model: {
      type: "BPE",
      unk_token: "<unk>",
      fuse_unk: true,
      byte_fallback: true,
      vocab: indexed(tokens),
      merges: merges.map((pair) => pair.join(" ")),
    },
  };
}

function indexed(tokens: readonly string[]): Record<string, number> {
  return Object.fromEntries(tokens.map((token, id) => [token, id]));
}
