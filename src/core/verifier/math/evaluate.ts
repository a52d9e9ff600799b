import { Fraction } from "fraction.js";
import type { Expression } from "./expression.ts";
import { hasLetters } from "./expression.ts";
import { Unsupported } from "./polynomial.ts";
import type { Quotient } from "./quotient.ts";
import {
  dividedBy,
  minus,
  negative,
  plus,
  power,
  rational,
  squareRoot,
  symbol,
  times,
  valueOf,
} from "./quotient.ts";
import type { NumberToken } from "./token.ts";
import { multipleOf, unitOf } from "./units.ts";

/** One way to understand words and signs that have several meanings. */
export interface Reading {
  /** Units do not count, or are converted ("3 km" is 3000 m). */
  readonly units: "dropped" | "converted";
  /** "3 dozen" is 36, else 3. */
  readonly multiples: boolean;
  /** "25%" is 0.25; or 25; or what it adds to the number before it ("50 + 20%" is 60). */
  readonly percent: "share" | "number" | "change";
  /** `2\frac{1}{2}` is 2.5, else 1. */
  readonly mixed: "sum" | "product";
  /** `1.500` is 1500 where points part the thousands. */
  readonly points: "decimal" | "thousands";
  /** "5 m" is five metres, else five times m. */
  readonly letterUnits: boolean;
}

/** The value of an expression in a reading; null where it has none, or none that is computed exactly here. */
export function evaluate(expression: Expression, reading: Reading): Quotient | null {
  try {
    return new Evaluation(reading).of(expression);
  } catch (error) {
    if (error instanceof Unsupported) return null;
    throw error;
  }
}

class Evaluation {
  readonly #reading: Reading;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  of(expression: Expression): Quotient {
    switch (expression.kind) {
      case "number":
        return this.#number(expression.number);
      case "letter":
        return symbol(expression.name);
      case "negative":
        return negative(this.of(expression.of));
      case "percent":
        return this.#reading.percent === "number"
          ? this.of(expression.of)
          : times(this.of(expression.of), rational(new Fraction(1, 100)));
      case "factorial":
        return rational(factorial(numberOf(this.of(expression.of))));
      case "root":
        return squareRoot(this.of(expression.of));
      case "binary":
        return this.#binary(expression);
      case "mixed": {
        const [whole, part] = [this.of(expression.whole), this.of(expression.part)];
        return this.#reading.mixed === "sum" ? plus(whole, part) : times(whole, part);
      }
      case "call":
        return call(
          expression.name,
          expression.inputs.map((input) => this.of(input)),
        );
      case "label":
        return this.#label(expression);
    }
  }

  #number({ value, decimals, currency }: NumberToken): Quotient {
    const number = rational(this.#reading.points === "thousands" && decimals === 3 ? value.mul(1000) : value);
    if (currency === undefined || this.#reading.units === "dropped") return number;
    return currency === "$" ? this.#inUnit(number, "$") : times(number, symbol(`${currency}!`));
  }

  #inUnit(number: Quotient, word: string): Quotient {
    const unit = unitOf(word);
    return unit === null ? number : times(times(number, rational(unit.factor)), symbol(`${unit.base}!`));
  }

  #label({ of, words, per }: Extract<Expression, { kind: "label" }>): Quotient {
    let value = this.of(of);
    const multiple = multipleOf(words[0] ?? "");
    if (multiple !== null && this.#reading.multiples) value = times(value, rational(new Fraction(multiple)));
    if (this.#reading.units === "dropped") return value;
    const at = words.findIndex((word) => unitOf(word) !== null);
    const perAt = words.indexOf("per");
    if (at >= 0 && (perAt < 0 || at < perAt))
      for (let i = powerOf(words, at); i > 0; i--) value = this.#inUnit(value, words[at]!);
    return per === null ? value : dividedBy(value, this.#inUnit(rational(new Fraction(1)), per));
  }

  #binary(expression: Extract<Expression, { kind: "binary" }>): Quotient {
    const { operator, left, right } = expression;
    if (isFunctionOfNumbers(left, right)) throw new Unsupported();
    const a = this.of(left);
    if (
      this.#reading.letterUnits &&
      operator === "*" &&
      right.kind === "letter" &&
      unitOf(right.name) !== null
    )
      return this.#reading.units === "dropped" ? a : this.#inUnit(a, right.name);
    const b = this.of(right);
    switch (operator) {
      case "+":
      case "-":
        if (this.#reading.percent === "change" && right.kind === "percent") {
          const change = times(a, b);
          return operator === "+" ? plus(a, change) : minus(a, change);
        }
        return operator === "+" ? plus(a, b) : minus(a, b);
      case "*":
      case "of":
        return times(a, b);
      case "/":
        return dividedBy(a, b);
      case "//":
        return rational(numberOf(dividedBy(a, b)).floor());
      case "^":
        return power(a, b);
      case "mod":
        return rational(modulo(numberOf(a), numberOf(b)));
    }
  }
}

/** `f(0)`: a letter that stands against a bracket without letters is more likely a function than a factor. */
function isFunctionOfNumbers(left: Expression, right: Expression): boolean {
  if (left.kind !== "letter" || left.end !== right.start) return false;
  return right.kind !== "letter" && !hasLetters(right);
}

/** 2 of "square feet" and "cm²", 3 of "cubic metres". */
function powerOf(words: readonly string[], unit: number): number {
  const [before, after] = [words[unit - 1] ?? "", words[unit + 1]];
  if (after === "²" || /^(?:square|sq)$/i.test(before)) return 2;
  return after === "³" || /^cubic$/i.test(before) ? 3 : 1;
}

/** @throws Unsupported when letters or roots remain. */
function numberOf(value: Quotient): Fraction {
  const number = valueOf(value);
  if (number === null) throw new Unsupported();
  return number;
}

/** With the sign of the divisor, as mathematics and Python have it. */
function modulo(a: Fraction, b: Fraction): Fraction {
  if (b.n === 0n) throw new Unsupported();
  return a.sub(b.mul(a.div(b).floor()));
}

function factorial(value: Fraction): Fraction {
  if (value.d !== 1n || value.s < 0n || value.n > 200n) throw new Unsupported();
  let product = 1n;
  for (let i = 2n; i <= value.n; i++) product *= i;
  return new Fraction(product);
}

function binomial(n: Fraction, k: Fraction): Fraction {
  if (n.d !== 1n || k.d !== 1n || n.s < 0n || k.s < 0n || n.n > 200n) throw new Unsupported();
  return k.n > n.n
    ? new Fraction(0)
    : factorial(n)
        .div(factorial(k))
        .div(factorial(n.sub(k)));
}

function call(name: string, inputs: readonly Quotient[]): Quotient {
  const [first, second] = inputs;
  if (first === undefined) throw new Unsupported();
  if (name === "sqrt" && inputs.length === 1) return squareRoot(first);
  const numbers = inputs.map(numberOf);
  const whole = numbers.every((number) => number.d === 1n && number.s > 0n);
  if (name === "binom" && second !== undefined) return rational(binomial(numbers[0]!, numbers[1]!));
  if (name === "abs" && inputs.length === 1) return rational(numbers[0]!.abs());
  if (name === "floor" && inputs.length === 1) return rational(numbers[0]!.floor());
  if (name === "ceil" && inputs.length === 1) return rational(numbers[0]!.ceil());
  if (inputs.length < 2) throw new Unsupported();
  if (name === "max") return rational(numbers.reduce((a, b) => (a.lt(b) ? b : a)));
  if (name === "min") return rational(numbers.reduce((a, b) => (a.lt(b) ? a : b)));
  if (name === "gcd" && whole) return rational(numbers.reduce((a, b) => a.gcd(b)));
  if (name === "lcm" && whole) return rational(numbers.reduce((a, b) => a.lcm(b)));
  throw new Unsupported();
}
