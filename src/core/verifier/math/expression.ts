import type { NumberToken } from "./token.ts";

/** Place in the text, half-open. */
interface Place {
  readonly start: number;
  readonly end: number;
}

export type Operator = "+" | "-" | "*" | "/" | "//" | "^" | "of" | "mod";

/** What was read, before it is decided what its words and signs mean. */
export type Expression = Place &
  (
    | { readonly kind: "number"; readonly number: NumberToken }
    | { readonly kind: "letter"; readonly name: string }
    | { readonly kind: "negative" | "percent" | "factorial" | "root"; readonly of: Expression }
    | {
        readonly kind: "binary";
        readonly operator: Operator;
        readonly left: Expression;
        readonly right: Expression;
      }
    /** `3½`, `1 1/2`: a sum; with a LaTeX fraction it can also be meant as a product. */
    | { readonly kind: "mixed"; readonly whole: Expression; readonly part: Expression }
    | { readonly kind: "call"; readonly name: string; readonly inputs: readonly Expression[] }
    | {
        readonly kind: "label";
        readonly of: Expression;
        readonly words: readonly string[];
        readonly per: string | null;
      }
  );

export type ExpressionKind = Expression["kind"];

/** Two expressions with an operator between them, from where the one begins to where the other ends. */
export function binary(operator: Operator, left: Expression, right: Expression): Expression {
  return { kind: "binary", operator, left, right, start: left.start, end: right.end };
}

/** Children from left to right. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "number":
    case "letter":
      return [];
    case "negative":
    case "percent":
    case "factorial":
    case "root":
    case "label":
      return [expression.of];
    case "binary":
      return [expression.left, expression.right];
    case "mixed":
      return [expression.whole, expression.part];
    case "call":
      return expression.inputs;
  }
}

/** The expression and all within it. */
export function* within(expression: Expression): Generator<Expression> {
  yield expression;
  for (const child of childrenOf(expression)) yield* within(child);
}

/** A number as written, with its sign, label or percent sign; null where it is calculated. */
export function literalOf(expression: Expression): NumberToken | null {
  if (expression.kind === "number") return expression.number;
  if (expression.kind === "negative" || expression.kind === "percent" || expression.kind === "label")
    return literalOf(expression.of);
  return null;
}

/** Something is calculated in it; a mixed number is none, though its part is written as a division. */
export function isCalculation(expression: Expression): boolean {
  const { kind } = expression;
  if (kind === "binary" || kind === "factorial" || kind === "root" || kind === "call") return true;
  return kind !== "mixed" && childrenOf(expression).some(isCalculation);
}

/** A letter stands in it, though it may cancel out. */
export function hasLetters(expression: Expression): boolean {
  for (const { kind } of within(expression)) if (kind === "letter") return true;
  return false;
}
