/**
 * One piece of the sequence a model reads: a token of its vocabulary by name, text of the model's own (its special tokens
 * are recognised), or text of the rollout (special tokens never are). `part` is the part of the rollout it belongs to, −1 for none.
 */
export type LaidPiece =
  | { readonly kind: "token"; readonly name: string; readonly part: number }
  | { readonly kind: "model"; readonly text: string; readonly part: number }
  | {
      readonly kind: "log";
      readonly text: string;
      readonly part: number;
      /** UTF-16 units of the part's text that stand before this: a template leaves out white space at its ends. */
      readonly from: number;
    };
