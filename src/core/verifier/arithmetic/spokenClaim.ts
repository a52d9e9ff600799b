import { Fraction } from "fraction.js";
import { binary, type Expression, literalOf, type Operator } from "../math/expression.ts";
import type { Token } from "../math/token.ts";
import { unitOf } from "../math/units.ts";
import { isCleanStart } from "./boundary.ts";
import { type Claim, type Member, memberAt } from "./claim.ts";

/** A calculation in words: its two sides, and the index of the token at which its result begins. */
interface Spoken {
  readonly alternatives: Member["alternatives"];
  readonly next: number;
  /** The quotient without its remainder, which may be meant. */
  readonly whole: Fraction | null;
}

const nouns: ReadonlyMap<string, Operator | "mean"> = new Map([
  ["sum", "+"],
  ["total", "+"],
  ["difference", "-"],
  ["product", "*"],
  ["quotient", "/"],
  ["average", "mean"],
  ["mean", "mean"],
]);
type Step = "+" | "-" | "*" | "/";
const verbs: ReadonlyMap<string, Step> = new Map([
  ["add", "+"],
  ["adding", "+"],
  ["subtract", "-"],
  ["subtracting", "-"],
  ["multiply", "*"],
  ["multiplying", "*"],
  ["divide", "/"],
  ["dividing", "/"],
]);
/** Words between the operands of a verb. */
const joints: Readonly<Record<Step, readonly string[]>> = {
  "+": ["and", "to", "with"],
  "-": ["from"],
  "*": ["by", "and", "with"],
  "/": ["by"],
};
/** What stands before a verb that begins a calculation of its own. */
const openings: ReadonlySet<string> = new Set("so by now next first after when thus therefore".split(" "));
/** Percentages of an amount that are called something: it may also be the amount with or without it that is meant. */
const shares: ReadonlySet<string> = new Set(
  "discount tax tip markup commission interest increase decrease reduction raise profit loss".split(" "),
);
const differences: ReadonlyMap<string, Step> = new Map([
  ["more", "+"],
  ["less", "-"],
  ["fewer", "-"],
]);
const results: ReadonlySet<string> = new Set("gives yields leaves makes produces equals".split(" "));
const whoGets: ReadonlySet<string> = new Set("we you i he she they one".split(" "));
const mostOperands = 12;
const mostWords = 3;

/**
 * What a text states of calculations in words: "the sum of 14 and 19 is 33", "subtracting 18 from 50 gives 32", "a 25% discount
 * on $60 is $15".
 */
export function spokenClaimsOf(tokens: readonly Token[]): readonly Claim[] {
  const claims: Claim[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const spoken = nounAt(tokens, at) ?? verbAt(tokens, at) ?? shareAt(tokens, at) ?? moreAt(tokens, at);
    const right = spoken === null ? null : memberAt(tokens, spoken.next, -1);
    const result = right === null ? null : literalOf(right.alternatives[0]);
    if (spoken === null || right === null || result === null) continue;
    if (spoken.whole?.equals(result.value) === true) continue;
    const left: Member = {
      alternatives: spoken.alternatives,
      start: tokens[at]!.start,
      end: spoken.alternatives[0].end,
      cleanStart: true,
      cleanEnd: true,
      afterWord: false,
      unsure: false,
      next: spoken.next,
    };
    claims.push({ left, right, relation: "=", verb: false, chained: false });
  }
  return claims;
}

/** "sum of 14 and 19 is", "difference between 50 and 18 is". */
function nounAt(tokens: readonly Token[], at: number): Spoken | null {
  const operator = tokens[at]!.kind === "word" ? nouns.get(wordAt(tokens, at)) : undefined;
  const joint = wordAt(tokens, at + 1);
  if (operator === undefined || !(joint === "of" || (joint === "between" && operator === "-"))) return null;
  const list = listAt(tokens, at + 2);
  if (list === null || tokens[list.next]?.kind !== "relation" || !isCleanStart(tokens, at)) return null;
  const [first, second, ...others] = list.operands;
  if (second === undefined || (others.length > 0 && (operator === "-" || operator === "/"))) return null;
  const next = list.next + 1;
  // Nobody says which of the two is the larger one.
  if (operator === "-" && areAlike(list.operands))
    return { alternatives: [binary("-", first!, second), binary("-", second, first!)], next, whole: null };
  if (operator !== "mean") return spokenOf(list.operands, operator, next);
  if (!areAlike(list.operands)) return null;
  const { start, end } = first!;
  const count: Expression = {
    kind: "number",
    number: { value: new Fraction(list.operands.length), decimals: 0 },
    start,
    end,
  };
  const sum = folded(list.operands, "+");
  return { alternatives: [{ ...binary("/", sum, count), end: sum.end }], next, whole: null };
}

/** "Subtracting 18 from 50 gives", "add 14 and 19 to get": at the beginning of a sentence. */
function verbAt(tokens: readonly Token[], at: number): Spoken | null {
  const operator = tokens[at]!.kind === "word" ? verbs.get(wordAt(tokens, at)) : undefined;
  if (operator === undefined || !opens(tokens, at)) return null;
  const first = operandAt(tokens, at + 1);
  if (first === null || !joints[operator].includes(wordAt(tokens, first.next))) return null;
  const second = operandAt(tokens, first.next + 1);
  const next = second === null ? null : resultAt(tokens, second.next);
  if (second === null || next === null) return null;
  const operands = operator === "-" ? [second.operand, first.operand] : [first.operand, second.operand];
  return spokenOf(operands, operator, next);
}

/** "25% discount on $60 is". */
function shareAt(tokens: readonly Token[], at: number): Spoken | null {
  const [number, sign] = [tokens[at]!, tokens[at + 1]];
  if (number.kind !== "number" || sign?.text !== "%" || !shares.has(wordAt(tokens, at + 2))) return null;
  const amount = wordAt(tokens, at + 3) === "on" ? operandAt(tokens, at + 4) : null;
  if (amount === null || tokens[amount.next]?.kind !== "relation" || !isCleanStart(tokens, at)) return null;
  // "on 3 shirts" is not on 3.
  if (amount.operand.kind === "label" && !isMeasured(amount.operand.words)) return null;
  const literal: Expression = {
    kind: "number",
    number: number.number!,
    start: number.start,
    end: number.end,
  };
  const share = binary(
    "of",
    { kind: "percent", of: literal, start: number.start, end: sign.end },
    amount.operand,
  );
  const more = binary("+", amount.operand, share);
  const less = binary("-", amount.operand, share);
  return { alternatives: [share, more, less], next: amount.next + 1, whole: null };
}

/** "3 tens and 4" is no 7: what is added counts the same things, or is measured in units that are known. */
function areAlike(operands: readonly Expression[]): boolean {
  const labels = operands.map((operand) => (operand.kind === "label" ? operand.words : []));
  const [first] = labels;
  const nameOf = (words: readonly string[]): string => words.join(" ").toLowerCase().replace(/s$/, "");
  return labels.every(isMeasured) || labels.every((words) => nameOf(words) === nameOf(first!));
}

/** In a unit that is known, or a plain number. */
function isMeasured(words: readonly string[]): boolean {
  return words.length === 0 || (words.length === 1 && unitOf(words[0]!) !== null);
}

/** "5 more than 12 is". */
function moreAt(tokens: readonly Token[], at: number): Spoken | null {
  const first = operandAt(tokens, at);
  const sign = first === null ? undefined : differences.get(wordAt(tokens, first.next));
  if (first === null || sign === undefined || wordAt(tokens, first.next + 1) !== "than") return null;
  const second = operandAt(tokens, first.next + 2);
  if (second === null || tokens[second.next]?.kind !== "relation" || !isCleanStart(tokens, at)) return null;
  return spokenOf([second.operand, first.operand], sign, second.next + 1);
}

function spokenOf(operands: readonly Expression[], operator: Operator, next: number): Spoken | null {
  if ((operator === "+" || operator === "-") && !areAlike(operands)) return null;
  const [a, b] = operands.map((operand) => literalOf(operand)!.value);
  const quotient = operator !== "/" || b!.n === 0n ? null : a!.div(b!);
  const whole = quotient === null || quotient.d === 1n ? null : quotient.floor();
  return { alternatives: [folded(operands, operator)], next, whole };
}

/** A sentence begins here, or after a word that opens one. */
function opens(tokens: readonly Token[], at: number): boolean {
  const first = openings.has(wordAt(tokens, at - 1)) ? at - 1 : at;
  const before = tokens[first - 1];
  if (before === undefined || before.kind === "line") return true;
  return before.kind === "break" && before.clean === true && before.text !== ",";
}

/** Index of the token behind "gives", ", we get", "to get", "is". */
function resultAt(tokens: readonly Token[], from: number): number | null {
  if (tokens[from]?.kind === "relation" || results.has(wordAt(tokens, from))) return from + 1;
  if (wordAt(tokens, from) === "to" && wordAt(tokens, from + 1) === "get") return from + 2;
  if (wordAt(tokens, from) === "results" && wordAt(tokens, from + 1) === "in") return from + 2;
  const subject = tokens[from]?.text === "," ? from + 1 : from;
  return whoGets.has(wordAt(tokens, subject)) && /^gets?$/.test(wordAt(tokens, subject + 1))
    ? subject + 2
    : null;
}

/** "14, 19 and 3". */
function listAt(
  tokens: readonly Token[],
  from: number,
): { readonly operands: readonly Expression[]; readonly next: number } | null {
  const operands: Expression[] = [];
  for (let at = from; operands.length < mostOperands;) {
    const found = operandAt(tokens, at);
    if (found === null) return null;
    operands.push(found.operand);
    const isComma = tokens[found.next]?.text === ",";
    const isLast = wordAt(tokens, found.next + (isComma ? 1 : 0)) === "and";
    if (!isComma && !isLast) return { operands, next: found.next };
    at = found.next + Number(isComma) + Number(isLast);
  }
  return null;
}

/** A number, and what it counts. */
function operandAt(
  tokens: readonly Token[],
  at: number,
): { readonly operand: Expression; readonly next: number } | null {
  const token = tokens[at];
  if (token?.kind !== "number") return null;
  const { start, end } = token;
  const number: Expression = { kind: "number", number: token.number!, start, end };
  const words: string[] = [];
  let next = at + 1;
  while (tokens[next]?.kind === "word" && !isJoint(wordAt(tokens, next))) {
    if (words.length === mostWords) return null;
    words.push(tokens[next++]!.text);
  }
  if (words.length === 0) return { operand: number, next };
  return {
    operand: { kind: "label", of: number, words, per: null, start, end: tokens[next - 1]!.end },
    next,
  };
}

const jointWords: ReadonlySet<string> = new Set([
  ...Object.values(joints).flat(),
  ...differences.keys(),
  "results",
  "of",
]);

function isJoint(word: string): boolean {
  return jointWords.has(word) || results.has(word) || whoGets.has(word);
}

function folded(operands: readonly Expression[], operator: Operator): Expression {
  return operands.reduce((left, right) => binary(operator, left, right));
}

/** In small letters; "" where no word stands. */
function wordAt(tokens: readonly Token[], at: number): string {
  const token = tokens[at];
  return token?.kind === "word" || token?.kind === "letter" ? token.text.toLowerCase() : "";
}
