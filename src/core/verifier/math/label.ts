import type { Token } from "./token.ts";
import { multipleOf, unitOf } from "./units.ts";

export interface Label {
  /** None of an amount of money that is a rate: "$15/hour". */
  readonly words: readonly string[];
  /** What the number is a rate of: "hour" of "60 miles per hour". */
  readonly per: string | null;
  /** Index of the token after it. */
  readonly next: number;
}

/** Words that end what a number counts. */
const noLabel: ReadonlySet<string> = new Set(
  (
    "and or so is are was were be been has have had having then thus hence therefore but that which who whose he she they it we you " +
    "as than not if when because since while after before gives give makes make leaves leave left gets get more less fewer from to " +
    "with by at on into out equals equal remainder divided multiplied times plus minus where what how also over under between " +
    "for of in the off increase decrease cents_off greater larger smaller"
  ).split(" "),
);

/** Words that may stand within a label, not at its ends. */
const between: ReadonlySet<string> = new Set(["of", "in", "for", "on", "the", "from", "per"]);

const longest = 6;

/**
 * The label of the number before a token: all its words where an operator, a relation or a closing bracket follows
 * ("3 red apples + …") or where the `whole` range is one expression, else the first. Null where there is none.
 */
export function labelAt(
  tokens: readonly Token[],
  from: number,
  end: number,
  { whole }: { readonly whole: boolean },
): Label | null {
  let next = from;
  const words: string[] = [];
  while (next < end && words.length < longest && tokens[next]!.kind === "word") {
    const lower = tokens[next]!.text.toLowerCase();
    const within =
      between.has(lower) && words.length > 0 && next + 1 < end && tokens[next + 1]!.kind === "word";
    if ((noLabel.has(lower) && !within) || isCalled(tokens, next)) break;
    words.push(tokens[next++]!.text);
  }
  if (words.length === 0) {
    // "$15/hour": what it counts is its currency.
    const rate = tokens[from - 1]?.number?.currency === undefined ? null : rateAt(tokens, from, end);
    return rate === null ? null : { words, per: rate, next: from + 2 };
  }
  next = powerAt(tokens, next, end, words);
  const rate = rateAt(tokens, next, end);
  if (rate !== null) return { words, per: rate, next: next + 2 };
  const perAt = words.indexOf("per");
  const per = perAt > 0 ? (words[perAt + 1] ?? null) : null;
  if ((whole && next === end) || goesOn(tokens[next], next < end) || per !== null)
    return { words, per, next };
  const shortest = /^[²³]$/.test(words[1] ?? "") ? 2 : 1;
  return { words: words.slice(0, shortest), per: null, next: shortest === 2 ? next : from + 1 };
}

/** `mpf(3)`: a word against a bracket is a function. */
export function isCalled(tokens: readonly Token[], at: number): boolean {
  const after = tokens[at + 1];
  return after?.kind === "operator" && after.text === "(" && !after.spaced;
}

/** "cm²", "cm^2": adds the power as a word and moves behind it. */
function powerAt(tokens: readonly Token[], at: number, end: number, words: string[]): number {
  const [sign, exponent] = [tokens[at], tokens[at + 1]];
  const isGrouped = exponent?.text === "(" && tokens[at + 3]?.text === ")";
  const value = (isGrouped ? tokens[at + 2] : exponent)?.number?.value.valueOf();
  const next = at + (isGrouped ? 4 : 2);
  if (sign?.kind !== "operator" || sign.text !== "^" || next > end || (value !== 2 && value !== 3)) return at;
  words.push(value === 2 ? "²" : "³");
  return next;
}

/** "km/h", "apples/box": a slash and a word, or the letter of a unit of time. */
function rateAt(tokens: readonly Token[], at: number, end: number): string | null {
  const [slash, of] = [tokens[at], tokens[at + 1]];
  if (at + 1 >= end || slash?.text !== "/" || slash.kind !== "operator" || of === undefined) return null;
  if (of.kind === "word") return noLabel.has(of.text) ? null : of.text;
  return of.kind === "letter" && unitOf(of.text)?.base === "second" ? of.text : null;
}

function goesOn(token: Token | undefined, isWithin: boolean): boolean {
  // The end of the range is a relation: the caller asked for an expression that reaches it.
  if (!isWithin) return token?.kind === "relation";
  return token?.kind === "operator" || token?.kind === "relation" || /^[xX]$/.test(token?.text ?? "");
}

/** True where a word is a unit or a number word whose meaning is known here. */
export function isKnownLabel(word: string): boolean {
  return unitOf(word) !== null || multipleOf(word) !== null;
}
