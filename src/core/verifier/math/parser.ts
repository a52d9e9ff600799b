import { binary, type Expression, type Operator } from "./expression.ts";
import { labelAt } from "./label.ts";
import type { Token } from "./token.ts";
import { unitOf } from "./units.ts";

export interface Grammar {
  /** Only an expression that ends here counts; −1 = as far as it goes. */
  readonly until: number;
  /** `1/2x` is 1/(2x). */
  readonly tight: boolean;
  /** `20% of 50 + 10` is 20% of 60. */
  readonly wide: boolean;
}

export interface Parsed {
  readonly expression: Expression;
  /** Index of the token after it. */
  readonly next: number;
  /** Another grammar reads it otherwise. */
  readonly tightMatters: boolean;
  readonly wideMatters: boolean;
  /** Notation that people read in two ways (`-3^2`). */
  readonly unsure: boolean;
}

const deepest = 40;
const longest = 160;

/** The longest expression that begins at a token; null where none does. Looks at no more than 160 tokens. */
export function parseExpression(tokens: readonly Token[], from: number, grammar: Grammar): Parsed | null {
  const parser = new Parser(tokens, from, grammar);
  const expression = parser.sum();
  if (expression === null || (grammar.until >= 0 && parser.at !== grammar.until)) return null;
  const { at: next, tightMatters, wideMatters, unsure } = parser;
  return { expression, next, tightMatters, wideMatters, unsure };
}

class Parser {
  at: number;
  tightMatters = false;
  wideMatters = false;
  unsure = false;
  #depth = 0;
  readonly #tokens: readonly Token[];
  readonly #end: number;
  readonly #grammar: Grammar;

  constructor(tokens: readonly Token[], from: number, grammar: Grammar) {
    this.#tokens = tokens;
    this.at = from;
    this.#grammar = grammar;
    this.#end = Math.min(grammar.until >= 0 ? grammar.until : tokens.length, from + longest);
  }

  #peek(ahead = 0): Token | undefined {
    return this.at + ahead < this.#end ? this.#tokens[this.at + ahead] : undefined;
  }

  #is(text: string, ahead = 0): boolean {
    const token = this.#peek(ahead);
    return token?.kind === "operator" && token.text === text;
  }

  sum(): Expression | null {
    if (this.#depth >= deepest) return null;
    this.#depth++;
    const sum = this.#terms();
    this.#depth--;
    return sum;
  }

  #terms(): Expression | null {
    let left = this.#product();
    while (left !== null && (this.#is("+") || this.#is("-"))) {
      const back = this.at;
      const operator = this.#tokens[this.at++]!.text as Operator;
      const right = this.#product();
      if (right === null) {
        // "5 - apples": the sign belongs to what follows, and that is no arithmetic.
        this.at = back;
        break;
      }
      left = binary(operator, left, right);
    }
    return left;
  }

  #product(): Expression | null {
    let left = this.#signed();
    let divided = false;
    while (left !== null) {
      const back = this.at;
      const operator = this.#operatorHere(left);
      if (operator === null) break;
      const implicit = operator === "implicit";
      if (implicit && divided) this.tightMatters = true;
      let right: Expression | null = implicit ? this.#power() : this.#operand(operator);
      if (right === null) {
        this.at = back;
        break;
      }
      if (operator === "/" && this.#isFractionBar()) this.tightMatters = true;
      if (operator === "/" && this.#grammar.tight) right = this.#tightProduct(this.#tightFraction(right));
      divided = operator === "/";
      left = binary(implicit ? "*" : operator, left, right);
    }
    return left;
  }

  /** `3 ÷ 1/2`: a slash between numbers, without spaces. */
  #isFractionBar(): boolean {
    const [slash, under] = [this.#peek(), this.#peek(1)];
    return this.#is("/") && slash?.spaced === false && under?.kind === "number" && !under.spaced;
  }

  #tightFraction(over: Expression): Expression {
    if (!this.#isFractionBar()) return over;
    this.at++;
    const under = this.#power();
    return under === null ? over : binary("/", over, under);
  }

  #operand(operator: Operator): Expression | null {
    if (operator !== "of") return this.#signed();
    const back = this.at;
    if (!this.#grammar.wide) {
      const narrow = this.#signed();
      if (this.#is("+") || this.#is("-")) this.wideMatters = true;
      return narrow;
    }
    this.at = back;
    return this.sum();
  }

  /** What is written right behind a divisor, where that binds tighter. */
  #tightProduct(first: Expression): Expression {
    let product = first;
    for (;;) {
      const back = this.at;
      if (this.#operatorHere(product) !== "implicit") {
        this.at = back;
        return product;
      }
      const right = this.#power();
      if (right === null) {
        this.at = back;
        return product;
      }
      this.tightMatters = true;
      product = binary("*", product, right);
    }
  }

  /** Moves behind an operator of a product, a cross among them; `implicit` where two factors touch. */
  #operatorHere(left: Expression): Operator | "implicit" | null {
    const token = this.#peek();
    if (token === undefined) return null;
    if (token.kind === "operator") {
      if (token.text === "*" || token.text === "/" || token.text === "//" || token.text === "of") {
        this.at++;
        return token.text;
      }
      if (token.text === "%" && this.#peek(1)?.kind === "number") {
        this.at++;
        return "mod";
      }
    }
    if (this.#isCross(token)) {
      this.at++;
      return "*";
    }
    return this.#touches(token, left) ? "implicit" : null;
  }

  /** `3 x 4`: the letter stands for the sign. */
  #isCross(token: Token): boolean {
    if (token.kind !== "letter" || !/^[xX]$/.test(token.text)) return false;
    const [before, after] = [this.#tokens[this.at - 1]!, this.#peek(1)];
    if (after === undefined || (before.kind !== "number" && before.kind !== "word" && before.text !== ")"))
      return false;
    if (before.number?.value.n === 0n && !token.spaced) return false;
    return after.spaced === token.spaced && (after.kind === "number" || (after.text === "(" && after.spaced));
  }

  #touches(token: Token, left: Expression): boolean {
    const before = this.#tokens[this.at - 1]!;
    if (token.kind === "letter")
      return !(token.spaced && /^[aAI]$/.test(token.text)) && left.kind !== "label";
    if (token.kind === "name" || token.text === "√") return before.kind !== "word";
    if (token.text !== "(") return false;
    // "24 (2 boxes of 12)": a remark, where only the end of an expression is at stake.
    return !token.spaced || this.#grammar.until >= 0 || before.text === ")" || before.kind === "letter";
  }

  #signed(): Expression | null {
    const token = this.#peek();
    if (token?.kind !== "operator" || (token.text !== "-" && token.text !== "+")) return this.#power();
    if (this.#depth >= deepest) return null;
    this.#depth++;
    this.at++;
    const operand = this.#signed();
    this.#depth--;
    if (operand === null || token.text === "+") return operand;
    if (operand.kind === "binary" && operand.operator === "^") this.unsure = true;
    return { kind: "negative", of: operand, start: token.start, end: operand.end };
  }

  #power(): Expression | null {
    const base = this.#postfix();
    if (base === null || !this.#is("^")) return base;
    if (this.#depth >= deepest) return null;
    const back = this.at++;
    this.#depth++;
    const exponent = this.#signed();
    this.#depth--;
    if (exponent === null) {
      this.at = back;
      return base;
    }
    return this.#labelled(binary("^", base, exponent));
  }

  #postfix(): Expression | null {
    let operand = this.#primary();
    if (operand === null) return null;
    operand = this.#mixed(operand);
    for (;;) {
      const token = this.#peek();
      if (token?.kind !== "operator") break;
      if (token.text === "!")
        operand = { kind: "factorial", of: operand, start: operand.start, end: token.end };
      else if (token.text === "%" && this.#peek(1)?.kind !== "number")
        operand = { kind: "percent", of: operand, start: operand.start, end: token.end };
      else break;
      this.at++;
    }
    return this.#labelled(operand);
  }

  #labelled(operand: Expression): Expression {
    if (operand.kind === "letter") return operand;
    const label = labelAt(this.#tokens, this.at, this.#end, { whole: this.#grammar.until >= 0 });
    if (label === null) return operand;
    this.at = label.next;
    const { words, per } = label;
    const end = this.#tokens[this.at - 1]!.end;
    const quantity: Expression = { kind: "label", of: operand, words, per, start: operand.start, end };
    const rest = this.#smallerUnit(words);
    return rest === null ? quantity : binary("+", quantity, rest);
  }

  /** "2 feet 6 inches". */
  #smallerUnit(words: readonly string[]): Expression | null {
    const [number, unit] = [this.#peek(), this.#peek(1)];
    if (words.length !== 1 || number?.kind !== "number" || unit?.kind !== "word") return null;
    const [large, small] = [unitOf(words[0]!), unitOf(unit.text)];
    if (large === null || small === null || large.base !== small.base || small.factor.gte(large.factor))
      return null;
    return this.#postfix();
  }

  /** `1 1/2`, `1½` and `1\frac{1}{2}`. */
  #mixed(whole: Expression): Expression {
    const token = this.#peek();
    if (whole.kind !== "number" || whole.number.decimals > 0 || whole.number.spelled === true) return whole;
    if (token?.number?.part === true) {
      this.at++;
      const part: Expression = { kind: "number", number: token.number, start: token.start, end: token.end };
      return { kind: "mixed", whole, part, start: whole.start, end: token.end };
    }
    const isFraction =
      token?.kind === "number" && token.spaced && this.#is("/", 1) && this.#peek(2)?.kind === "number";
    // Only plain numbers are looked for, ahead of parsing: what is parsed twice at each depth takes for ever.
    const isLatex =
      token?.kind === "name" &&
      token.text === "frac" &&
      "(0)(0)" ===
        [1, 2, 3, 4, 5, 6]
          .map((i) => (this.#peek(i)?.kind === "number" ? "0" : this.#peek(i)?.text))
          .join("");
    const isSmall =
      token?.text === "(" && this.#peek(4)?.text === ")" && this.#peek(4)?.start === token.start;
    if (!isFraction && !isLatex && !isSmall) return whole;
    const back = this.at;
    const part = isFraction ? this.#fraction() : this.#primary();
    if (part === null || !isProper(part)) {
      this.at = back;
      return whole;
    }
    return { kind: "mixed", whole, part, start: whole.start, end: part.end };
  }

  #fraction(): Expression | null {
    const over = this.#primary();
    this.at++;
    const under = this.#primary();
    return over === null || under === null ? null : binary("/", over, under);
  }

  #primary(): Expression | null {
    const token = this.#peek();
    if (token === undefined) return null;
    const { start, end } = token;
    if (token.kind === "number") {
      this.at++;
      return { kind: "number", number: token.number!, start, end };
    }
    if (token.kind === "letter") {
      this.at++;
      return { kind: "letter", name: token.text, start, end };
    }
    if (token.kind === "name") return this.#call(token);
    if (token.text === "√" && token.kind === "operator") {
      this.at++;
      const of = this.#primary();
      return of === null ? null : { kind: "root", of, start, end: of.end };
    }
    return this.#is("(") ? this.#group() : null;
  }

  #group(): Expression | null {
    const { start } = this.#tokens[this.at++]!;
    const inner = this.sum();
    if (inner === null || !this.#is(")")) return null;
    const { end } = this.#tokens[this.at++]!;
    // A group is no literal: "(3)4" and "3" with a label are told apart by what they hold.
    return { ...inner, start, end };
  }

  #call({ text: name, start }: Token): Expression | null {
    this.at++;
    const inputs: Expression[] = [];
    if (name === "frac" || name === "binom") {
      for (let i = 0; i < 2; i++) {
        const input = this.#is("(") ? this.#group() : this.#primary();
        if (input === null) return null;
        inputs.push(input);
      }
      const end = inputs[1]!.end;
      if (name === "frac") return { ...binary("/", inputs[0]!, inputs[1]!), start };
      return { kind: "call", name, inputs, start, end };
    }
    if (!this.#is("(")) return null;
    do {
      this.at++;
      const input = this.sum();
      if (input === null) return null;
      inputs.push(input);
    } while (this.#peek()?.text === ",");
    if (!this.#is(")")) return null;
    return { kind: "call", name, inputs, start, end: this.#tokens[this.at++]!.end };
  }
}

/** A fraction of whole numbers below one. */
function isProper(part: Expression): boolean {
  if (part.kind !== "binary" || part.operator !== "/") return false;
  const { left, right } = part;
  if (left.kind !== "number" || right.kind !== "number") return false;
  return (
    left.number.value.d === 1n && right.number.value.d === 1n && left.number.value.lt(right.number.value)
  );
}
