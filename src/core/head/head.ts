/** How the numbers at a position become a score. */
export interface OutputSpec {
  /** Name of the model's output. */
  readonly name: string;
  readonly transform: Transform;
  /** Which of the numbers at a position counts (`softmax`, `identity`, `sigmoid`). */
  readonly index: number;
}

/** `softmax`: share of one label; `difference`: label 1 minus label 0 after softmax; `sigmoid`, `identity`: of one number. */
export type Transform = "softmax" | "difference" | "sigmoid" | "identity";

/**
 * What a model's head needs and yields. A head turns the numbers of one position into a score; it knows nothing of
 * the runtime that computes them.
 */
export interface Head<Id extends string = string> {
  readonly id: Id;
  readonly label: string;
  readonly doc: string;
  /** Name of the columns it adds, before `@MODEL`. */
  readonly column: "prm" | "value";
  /** Transforms that make sense for it, the default first. */
  readonly transforms: readonly Transform[];
  /** Why an output of `labels` numbers a position cannot be read; null where it can. */
  fits(labels: number, output: OutputSpec): string | null;
  /**
   * Score from `labels` numbers at `logits[from…]`, in float64.
   * NaN where the model gave NaN.
   */
  score(logits: ArrayLike<number>, from: number, labels: number, output: OutputSpec): number;
}

/** Keeps the id's literal type. */
export function modelHead<const Id extends string>(head: Head<Id>): Head<Id> {
  return head;
}

/** The transforms, each in a form that does not overflow. */
export function transformed(
  logits: ArrayLike<number>,
  from: number,
  labels: number,
  { transform, index }: OutputSpec,
): number {
  switch (transform) {
    case "identity":
      return logits[from + index]!;
    case "sigmoid":
      return 1 / (1 + Math.exp(-logits[from + index]!));
    case "softmax":
      return share(logits, from, labels, index);
    case "difference":
      return share(logits, from, labels, 1) - share(logits, from, labels, 0);
  }
}

/** softmax(x)ᵢ as 1 / Σ exp(xⱼ − xᵢ). */
function share(logits: ArrayLike<number>, from: number, labels: number, index: number): number {
  let sum = 0;
  for (let j = 0; j < labels; j++) sum += Math.exp(logits[from + j]! - logits[from + index]!);
  return 1 / sum;
}
