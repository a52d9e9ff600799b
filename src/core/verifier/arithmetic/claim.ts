import type { Expression } from "../math/expression.ts";
import { parseExpression } from "../math/parser.ts";
import type { Token } from "../math/token.ts";
import { isCleanEnd, isCleanStart } from "./boundary.ts";

/** One side of a stated equation, in every grammar that reads it. */
export interface Member {
  readonly alternatives: readonly [Expression, ...Expression[]];
  readonly start: number;
  readonly end: number;
  /** Nothing before it and after it, as far as can be seen, belongs to it. */
  readonly cleanStart: boolean;
  readonly cleanEnd: boolean;
  /** A word, not punctuation, stands right before it. */
  readonly afterWord: boolean;
  readonly unsure: boolean;
  /** Index of the token behind it. */
  readonly next: number;
}

/** Two neighbours of a chain of relations; null where a side is no arithmetic. */
export interface Claim {
  readonly left: Member | null;
  readonly right: Member | null;
  readonly relation: "=" | "≈";
  readonly verb: boolean;
  /** It goes on from the claim before it: `a = b` of `a = b = c`. */
  readonly chained: boolean;
}

const longest = 120;

/** Of one text; a step states a handful. */
const mostClaims = 2000;

/** What a text states with relations, from left to right; at most 2,000. */
export function claimsOf(tokens: readonly Token[]): readonly Claim[] {
  const claims: Claim[] = [];
  let before: Member | null = null;
  let bound = 0;
  for (let at = 0; at < tokens.length && claims.length < mostClaims; at++) {
    const token = tokens[at]!;
    if (token.kind !== "relation") continue;
    const chained: boolean = before !== null && skipLines(tokens, before.next) === at && token.verb !== true;
    const left: Member | null = chained ? before : leftOf(tokens, bound, at);
    const right: Member | null = rightOf(tokens, skipLines(tokens, at + 1));
    claims.push({ left, right, relation: token.text as "=" | "≈", verb: token.verb === true, chained });
    before = right;
    bound = right?.next ?? at + 1;
    at = Math.max(at, bound - 1);
  }
  return claims;
}

/** A chain may go on in the next line. */
function skipLines(tokens: readonly Token[], from: number): number {
  let at = from;
  while (at < from + 2 && tokens[at]?.kind === "line") at++;
  return at;
}

/** The longest expression that ends at a relation. */
function leftOf(tokens: readonly Token[], bound: number, relation: number): Member | null {
  let end = relation;
  while (end > bound && end > relation - 2 && tokens[end - 1]!.kind === "line") end--;
  const first = firstOf(tokens, bound, end);
  for (let from = first; from < end; from++) {
    const token = tokens[from]!;
    if (token.kind === "word" || (token.kind === "operator" && !/^[-(√]$/.test(token.text))) continue;
    const member = memberAt(tokens, from, end);
    if (member !== null) return member;
  }
  return null;
}

/** How far back an expression can reach: to punctuation, the end of a line, an open bracket. */
function firstOf(tokens: readonly Token[], bound: number, end: number): number {
  let depth = 0;
  let first = end;
  while (first > bound && first > end - longest) {
    const token = tokens[first - 1]!;
    if (token.kind === "line" || token.kind === "relation") break;
    if (token.kind === "break" && !(token.text === "," && depth > 0)) break;
    if (token.kind === "operator" && token.text === ")") depth++;
    if (token.kind === "operator" && token.text === "(" && --depth < 0) break;
    first--;
  }
  return first;
}

function rightOf(tokens: readonly Token[], from: number): Member | null {
  return memberAt(tokens, from, -1);
}

/** What begins at a token as one side of a claim; up to `until`, or as far as it goes (−1). */
export function memberAt(tokens: readonly Token[], from: number, until: number): Member | null {
  const parsed = parseExpression(tokens, from, { until, tight: false, wide: false });
  if (parsed === null) return null;
  const alternatives: [Expression, ...Expression[]] = [parsed.expression];
  const add = (start: number, grammar: { readonly tight: boolean; readonly wide: boolean }): void => {
    const other = parseExpression(tokens, start, { until: parsed.next, ...grammar });
    if (other !== null) alternatives.push(other.expression);
  };
  if (parsed.tightMatters) add(from, { tight: true, wide: false });
  if (parsed.wideMatters) add(from, { tight: false, wide: true });
  const dash = dashBefore(tokens, from);
  if (dash === "itself") add(from + 1, { tight: false, wide: false });
  if (dash === "marker") alternatives.push(withFirstNegated(parsed.expression));
  return {
    alternatives,
    start: parsed.expression.start,
    end: parsed.expression.end,
    cleanStart: isCleanStart(tokens, from),
    cleanEnd: isCleanEnd(tokens, parsed.next),
    afterWord: tokens[from - 1]?.kind === "word" || tokens[from - 1]?.kind === "letter",
    unsure: parsed.unsure,
    next: parsed.next,
  };
}

/** "Monday - 5 + 3", and the bullet of a list: a dash that may be a sign. */
function dashBefore(tokens: readonly Token[], from: number): "itself" | "marker" | null {
  const [first, before] = [tokens[from]!, tokens[from - 1]];
  if (first.text === "-" && first.kind === "operator" && tokens[from + 1]?.spaced === true)
    return before === undefined || before.kind !== "relation" ? "itself" : null;
  return before?.kind === "break" && before.text === "-" ? "marker" : null;
}

function withFirstNegated(expression: Expression): Expression {
  const { start, end } = expression;
  if (expression.kind === "binary" && (expression.operator === "+" || expression.operator === "-"))
    return { ...expression, left: withFirstNegated(expression.left) };
  return { kind: "negative", of: expression, start, end };
}
