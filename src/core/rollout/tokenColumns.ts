/** Numeric token columns with a meaning of their own; any other name is kept and shown as it is. */
export const knownTokenColumns = [
  "logprobs",
  "old_logprobs",
  "ref_logprobs",
  "values",
  "rewards",
  "advantages",
  "returns",
  "entropy",
  "kl",
] as const;

/**
 * The tokens of one turn as columns of equal length `n`. Spans are half-open, in UTF-16 code units of the
 * turn's content; they may overlap (tokens that share a character) or be empty (special tokens, scaffold).
 */
export interface TokenColumns {
  readonly n: number;
  readonly start: Int32Array;
  readonly end: Int32Array;
  /** Vocabulary ids; null where the log holds none. */
  readonly ids: Int32Array | null;
  /** 1 = trained on. Filled by default from the turn where the log has no mask. */
  readonly mask: Uint8Array;
  /** True where the log itself holds the mask. */
  readonly maskLogged: boolean;
  /** float64 columns by name; NaN = missing. */
  readonly columns: ReadonlyMap<string, Float64Array>;
  /** Fields of the tokens object that are no numeric column of length n, kept verbatim. */
  readonly extra: ReadonlyMap<string, unknown>;
  /** How the log gave the spans, so that it can be written back as it was. */
  readonly spanSource: "offsets" | "text";
  /** Model whose tokenizer made the tokens; absent where the log holds them. */
  readonly scorer?: string;
}
