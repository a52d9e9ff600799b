/** A text as tokens of a model's vocabulary: parallel arrays, spans half-open in UTF-16 code units of the text. */
export interface TextEncoding {
  readonly ids: readonly number[];
  /** Tokens that hold parts of one character share its span. */
  readonly start: readonly number[];
  readonly end: readonly number[];
}

/** Turns a text into tokens. Nothing in the text can become a special token. */
export type TextEncoder16 = (text: string) => TextEncoding;
