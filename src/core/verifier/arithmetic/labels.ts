import type { Expression } from "../math/expression.ts";
import { isCalculation, literalOf, within } from "../math/expression.ts";
import { multipleOf, type Unit, unitOf } from "../math/units.ts";
import { termsOf } from "./readings.ts";

/**
 * "3/4 = 15", "30% + 20% = 150 students": a share that stands for what it is a share of, so that the sides are not
 * meant to be equal numbers.
 */
export function isQuantityOfItsOwn(left: Expression, right: Expression): boolean {
  return isBareShare(left) !== isBareShare(right) && (isLarge(left) || isLarge(right));
}

/** Only fractions below one and percentages, added. */
function isBareShare(expression: Expression): boolean {
  return termsOf(expression).every((term) => {
    if (term.kind === "label") return isBareShare(term.of);
    if (term.kind === "percent") return true;
    if (term.kind !== "binary" || term.operator !== "/") return false;
    const [over, under] = [literalOf(term.left), literalOf(term.right)];
    return (
      over !== null &&
      under !== null &&
      over.value.d === 1n &&
      under.value.d === 1n &&
      over.value.lte(under.value)
    );
  });
}

function isLarge(expression: Expression): boolean {
  const literal = literalOf(expression);
  return literal !== null && expression.kind !== "percent" && literal.value.d === 1n && literal.value.gte(1);
}

/**
 * "3 shirts + 2 pants = $100": what is added is counted in other things than the result, which then need not be the sum
 * of the numbers.
 */
export function labelsDiffer(left: Expression, right: Expression): boolean {
  const [a, b] = [labelsOf(left), labelsOf(right)];
  if (isCalculation(left) && isCalculation(right)) return differ(a, b) && (a.size > 0 || b.size > 0);
  const [of, result] = isCalculation(left) ? [a, b] : [b, a];
  const terms = termsOf(isCalculation(left) ? left : right);
  if (terms.length < 2 || of.size === 0) return false;
  if (hasCurrency(left) !== hasCurrency(right)) return true;
  return of.size > 1 || (result.size > 0 && differ(of, result));
}

function hasCurrency(expression: Expression): boolean {
  for (const part of within(expression))
    if (part.kind === "number" && part.number.currency !== undefined) return true;
  return false;
}

function differ(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size !== b.size || [...a].some((label) => !b.has(label));
}

/** What the numbers count; units of one kind are one label, and a currency none, since a dollar may only delimit a formula. */
function labelsOf(expression: Expression): ReadonlySet<string> {
  const labels = new Set<string>();
  for (const part of within(expression))
    if (part.kind === "label") {
      const unit = part.words.map((word) => unitOf(word)).find((found) => found !== null);
      const label = unit?.base ?? part.words.at(-1)?.toLowerCase().replace(/s$/, "");
      if (label !== undefined) labels.add(label);
    }
  return labels;
}

/**
 * "2.5 hours = 150 minutes", "3 dozen eggs = 36 eggs": the same quantity twice, in two units of one kind. Null elsewhere, and
 * for one unit of length: "1 inch = 20 miles" is the scale of a map.
 */
export function conversionOf(left: Expression, right: Expression): Unit["base"] | null {
  const [a, b] = [quantityOf(left), quantityOf(right)];
  if (a === null || b === null) return null;
  const [large, ...counted] = a.words;
  if (large === "dozen" || large === "dozens")
    return counted.join(" ") === b.words.join(" ") && multipleOf(b.words[0] ?? "") === null ? "count" : null;
  const [from, to] = [a, b].map(({ words }) => (words.length === 1 ? unitOf(words[0]!) : null));
  if (!from || !to || from.base !== to.base || from.factor.equals(to.factor)) return null;
  return isLength(from.base) && a.value === 1 ? null : from.base;
}

export function isLength(base: Unit["base"] | null): boolean {
  return base === "metre" || base === "foot";
}

function quantityOf(
  expression: Expression,
): { readonly value: number; readonly words: readonly string[] } | null {
  if (expression.kind === "number") return { value: expression.number.value.valueOf(), words: [] };
  if (expression.kind !== "label" || expression.per !== null || expression.of.kind !== "number") return null;
  return { value: expression.of.number.value.valueOf(), words: expression.words };
}
