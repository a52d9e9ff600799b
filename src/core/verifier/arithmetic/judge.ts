import type { Fraction } from "fraction.js";
import type { Reading } from "../math/evaluate.ts";
import { evaluate } from "../math/evaluate.ts";
import type { Expression } from "../math/expression.ts";
import { childrenOf, hasLetters, isCalculation, literalOf, within } from "../math/expression.ts";
import { Unsupported } from "../math/polynomial.ts";
import type { Quotient } from "../math/quotient.ts";
import { unknownsOf, valueOf } from "../math/quotient.ts";
import { unitOf } from "../math/units.ts";
import type { Claim, Member } from "./claim.ts";
import { closenessOf, inPlaceOf } from "../math/closeness.ts";
import type { Closeness, Side } from "../math/closeness.ts";
import { readingsOf } from "./readings.ts";
import { conversionOf, isQuantityOfItsOwn, labelsDiffer } from "./labels.ts";

export interface Judgement {
  /** `equation`: letters remain, so it is a condition and no claim. */
  readonly outcome: "right" | "wrong" | "silent" | "equation";
  /** How it is right. */
  readonly how?: "equal" | "rounded" | "identity" | "running";
  /** Value of the left side as the right one would write it. */
  readonly value?: Fraction | number;
}

const silent: Judgement = { outcome: "silent" };

/** What a claim is worth by itself, without the sentence around it. */
export function judge(claim: Claim, about: boolean): Judgement {
  const { left, right } = claim;
  if (left === null || right === null) return silent;
  return judged(left, right, { ...claim, about: about || claim.relation === "≈" });
}

interface Manner {
  readonly about: boolean;
  readonly verb: boolean;
  readonly chained: boolean;
}

function judged(left: Member, right: Member, { about, verb }: Manner): Judgement {
  const [main, result] = [left.alternatives[0], right.alternatives[0]];
  const isResult = isCalculation(main) && literalOf(result) !== null;
  if (verb && !isResult && !isShareOf(main, result)) return silent;
  const tried = tryAll(left, right, about);
  if (tried === null) return silent;
  if (tried.unknowns) return tried.closeness === "equal" ? identity(tried) : { outcome: "equation" };
  const { closeness } = tried;
  if (closeness === "equal" || closeness === "rounded") return { outcome: "right", how: closeness };
  if (closeness === "near") return silent;
  const running = runsOn(left, right, about);
  if (running !== "no") return running === "yes" ? { outcome: "right", how: "running" } : silent;
  if (!isCertain(left, right, verb)) return silent;
  return tried.value === null ? { outcome: "wrong" } : { outcome: "wrong", value: tried.value };
}

/** "30 is 60% of 50". */
function isShareOf(number: Expression, share: Expression): boolean {
  return number.kind === "number" && share.kind === "binary" && share.operator === "of";
}

function identity({ trivial }: Tried): Judgement {
  return trivial ? silent : { outcome: "right", how: "identity" };
}

interface Tried {
  readonly closeness: Closeness;
  /** Letters remain in it. */
  readonly unknowns: boolean;
  /** Both sides are written alike. */
  readonly trivial: boolean;
  readonly value: Fraction | number | null;
}

const order: readonly Closeness[] = ["equal", "rounded", "near", "different"];

/** The best of all readings; null where none has values on both sides. */
function tryAll(left: Member, right: Member, about: boolean): Tried | null {
  let best: Tried | null = null;
  let letters = false;
  for (const a of left.alternatives)
    for (const b of right.alternatives)
      for (const reading of readingsOf(a, b)) {
        const tried = tryOne(a, b, reading, about);
        if (tried === null) continue;
        letters ||= tried.unknowns;
        if (best === null || order.indexOf(tried.closeness) < order.indexOf(best.closeness)) best = tried;
        if (best.closeness === "equal") return best;
      }
  // Where one of the readings leaves a letter, no other that fails makes the claim wrong.
  return best !== null && letters ? { ...best, unknowns: true } : best;
}

function tryOne(a: Expression, b: Expression, reading: Reading, about: boolean): Tried | null {
  const [left, right] = [evaluate(a, reading), evaluate(b, reading)];
  if (left === null || right === null) return null;
  try {
    return compared({ expression: a, value: left }, { expression: b, value: right }, about);
  } catch (error) {
    if (error instanceof Unsupported) return null;
    throw error;
  }
}

function compared(left: Side, right: Side, about: boolean): Tried {
  const [a, b] = [left.expression, right.expression];
  const unknowns = isOpen(left.value) || isOpen(right.value);
  const closeness = closenessOf(left, right, about);
  const literal = literalOf(b);
  const value =
    literal === null || unknowns ? valueOf(left.value) : inPlaceOf(literal, left.value, right.value);
  return { closeness, unknowns, trivial: a.kind === b.kind && a.kind === "letter", value };
}

/** A letter that is no unit remains. */
function isOpen(value: Quotient): boolean {
  for (const name of unknownsOf(value)) if (!name.endsWith("!")) return true;
  return false;
}

/**
 * Whether "3 * 4 = 12 + 5" means "3 * 4 is 12, and on": the right side begins with the value of the left one. `maybe` where
 * the value stands elsewhere in it, or nearly so.
 */
function runsOn(left: Member, right: Member, about: boolean): "yes" | "maybe" | "no" {
  if (!isCalculation(left.alternatives[0]) || !isCalculation(right.alternatives[0])) return "no";
  let maybe = false;
  for (const part of within(right.alternatives[0])) {
    if (part.kind !== "number" && part.kind !== "label" && part.kind !== "percent") continue;
    const tried = tryAll(left, { ...right, alternatives: [part] }, about);
    if (tried === null || tried.unknowns || tried.closeness === "different") continue;
    const isExact = tried.closeness === "equal" || tried.closeness === "rounded";
    if (isExact && part.start === right.start && isFirst(right.alternatives[0], part)) return "yes";
    maybe = true;
  }
  return maybe ? "maybe" : "no";
}

/** It is what is calculated with first, not the argument of a function. */
function isFirst(whole: Expression, part: Expression): boolean {
  for (let at: Expression | undefined = whole; at !== undefined; at = childrenOf(at)[0])
    if (at === part) return true;
  return false;
}

/** It ends with what it counts: "a 2 x 2 matrix is one". */
function isCounting(expression: Expression): boolean {
  const last = childrenOf(expression).at(-1);
  if (expression.kind === "label") return expression.words.some((word) => unitOf(word) === null);
  return last !== undefined && isCounting(last);
}

/** Nothing in the way it is written lets it mean something else. */
function isCertain(left: Member, right: Member, verb: boolean): boolean {
  if (!left.cleanStart || !left.cleanEnd || !right.cleanEnd || left.unsure || right.unsure) return false;
  const [a, b] = [left.alternatives[0], right.alternatives[0]];
  if (!isCalculation(a) && !isCalculation(b)) return !verb && conversionOf(a, b) !== null;
  // A letter can cancel out of what it was not meant to be in, as out of `0j`.
  if (hasLetters(a) || hasLetters(b)) return false;
  if (!isCalculation(a) && (left.afterWord || a.kind === "label")) return false;
  const isShare = a.kind === "binary" && a.operator === "of";
  if (verb && !isShare && (isCounting(a) || isCounting(b))) return false;
  return !isQuantityOfItsOwn(a, b) && !labelsDiffer(a, b);
}
