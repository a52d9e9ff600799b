import { formatNumber } from "../stats/formatNumber.ts";
import type { ExplainedLine } from "./batchCredit.ts";
import type { FormulaLine } from "./method.ts";

/** A formula line with the numbers of one place put in, for people and at full precision. */
export function explainLine(
  { left, symbols, numbers, equals }: FormulaLine,
  lookup: (name: string) => number,
): ExplainedLine {
  const value = lookup(equals);
  const put = (show: (x: number) => string): string =>
    numbers.replace(/\{(\w+)\}/g, (_, name: string) => inParentheses(show(lookup(name))));
  return {
    symbols: `${left} = ${symbols}`,
    numbers: `${put(formatNumber)} = ${formatNumber(value)}`,
    expression: put(String)
      .replaceAll("·", "*")
      .replaceAll("−", "-")
      .replaceAll("√(", "Math.sqrt(")
      .replace(/\b(max|min)\(/g, "Math.$1("),
    value,
  };
}

function inParentheses(number: string): string {
  return /^[-−]/.test(number) ? `(${number})` : number;
}
