import type { Token } from "../math/token.ts";
import { isCleanEnd, isCleanStart } from "./boundary.ts";

/** A division with its remainder as a text states it: "23 / 7 = 3 remainder 2". Half-open, UTF-16. */
export interface Division {
  readonly start: number;
  readonly end: number;
  readonly isRight: boolean;
  /** "3 remainder 2". */
  readonly expected: string;
}

const marks: ReadonlySet<string> = new Set(["remainder", "r"]);

/** The divisions of whole numbers that a text states with a remainder. */
export function divisionsOf(tokens: readonly Token[]): readonly Division[] {
  return tokens.flatMap((_, at) => divisionAt(tokens, at) ?? []);
}

/** @param at of the dividend */
function divisionAt(tokens: readonly Token[], at: number): Division | null {
  const [dividend, divisor, quotient] = [0, 2, 4].map((ahead) => wholeAt(tokens, at + ahead));
  const isStated = tokens[at + 1]?.text === "/" && tokens[at + 3]?.kind === "relation";
  if (dividend === undefined || !divisor || quotient === undefined || !isStated) return null;
  const first = behind(tokens, at + 5, ["with", "a"]);
  const mark = tokens[first];
  if ((mark?.kind !== "word" && mark?.kind !== "letter") || !marks.has(mark.text.toLowerCase())) return null;
  const last = behind(tokens, first + 1, ["of"]);
  const remainder = wholeAt(tokens, last);
  if (remainder === undefined || !isCleanStart(tokens, at) || !isCleanEnd(tokens, last + 1)) return null;
  return {
    start: tokens[at]!.start,
    end: tokens[last]!.end,
    isRight: dividend === divisor * quotient + remainder && remainder < divisor,
    expected: `${dividend / divisor} remainder ${dividend % divisor}`,
  };
}

/** A whole number that is not negative. */
function wholeAt(tokens: readonly Token[], at: number): bigint | undefined {
  const number = tokens[at]?.number;
  if (number === undefined || number.value.d !== 1n || number.decimals > 0 || number.value.s < 0n)
    return undefined;
  return number.value.n;
}

/** Index of the first token from `at` on that is none of these words. */
function behind(tokens: readonly Token[], at: number, words: readonly string[]): number {
  let next = at;
  while (words.includes(tokens[next]?.text.toLowerCase() ?? "")) next++;
  return next;
}
