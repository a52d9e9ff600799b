import type { Lexer } from "./lexer.ts";

const operators: Readonly<Record<string, string>> = {
  "+": "+",
  "-": "-",
  "−": "-",
  "–": "-",
  "*": "*",
  "×": "*",
  "✕": "*",
  "✖": "*",
  "·": "*",
  "⋅": "*",
  "∙": "*",
  "∗": "*",
  "/": "/",
  "÷": "/",
  "∕": "/",
  "⁄": "/",
  "^": "^",
  "%": "%",
  "√": "√",
  "(": "(",
  ")": ")",
  "[": "(",
  "]": ")",
};

const relation = /={1,3}\s?[~≈]|={2,3}|=(?![>])|≈|≃|≅|~=/y;
const otherRelation = /[!<>≤≥≠:+*/-]=|[-=]{1,4}>|<[-=]{1,4}|[<>≤≥≠→⇒⟹⇔∴∵≡∝∈±∓]/y;
const tag = /<\/?[a-zA-Z][^<>\n]{0,60}>/y;
const degrees = /\^\s?(?:\\circ|\{\s?\\circ\s?\})|°/y;
const transparent = /["“”`'’‘]/;
const notUnderstood = /[_∞±∓≡∛∜‰′″#@|∑∫∏]/;

/** "3 • 9", where the bullet of a list does not stand; "4 @ $0.75", a price. */
function isTimes(lexer: Lexer, character: string): boolean {
  const { text, at } = lexer;
  if (character === "•") return lexer.last()?.kind === "number" && /^\s?[\d($]/.test(text.slice(at, at + 2));
  return character === "@" && /^\s?[$€£¥₹]\d/.test(text.slice(at, at + 3));
}

/** Lexes what is neither a number, a word nor a command. */
export function lexSymbol(lexer: Lexer): void {
  const start = lexer.at;
  if (lexer.take(degrees) !== null) return lexer.push("word", "degrees", start);
  if (lexer.take(tag) !== null) return lexer.push("break", "<", start, { clean: true });
  const equated = lexer.take(relation);
  if (equated !== null) return lexer.push("relation", /[~≈≃≅]/.test(equated[0]) ? "≈" : "=", start);
  const other = lexer.take(otherRelation);
  if (other !== null) return lexer.push("break", other[0], start, { clean: !/[≡±∓+*/:-]=?$/.test(other[0]) });
  const character = lexer.peek();
  lexer.at++;
  if (character === "{" || character === "}") return brace(lexer, character, start);
  if (character === "*") return star(lexer, start);
  if (character === "/" && lexer.peek() === "/") {
    lexer.at++;
    return lexer.push("operator", "//", start);
  }
  if (character === "[" && /[\p{L}\d_)\]]/u.test(lexer.text.charAt(start - 1)))
    return lexer.push("break", character, start, { clean: false });
  if (isTimes(lexer, character)) return lexer.push("operator", "*", start);
  if (Object.hasOwn(operators, character)) return lexer.push("operator", operators[character]!, start);
  if (/[$€£¥₹]/.test(character)) return currency(lexer, character, start);
  if (character === "!") return exclamation(lexer, start);
  if (character === "~") return tilde(lexer, start);
  if (transparent.test(character)) return;
  if (character === "&") return alignment(lexer, start);
  punctuation(lexer, character, start);
}

/** Braces group, save those of a command that only wraps. */
function brace(lexer: Lexer, character: string, start: number): void {
  if (character === "{") {
    lexer.braces.push(lexer.wraps);
    if (!lexer.wraps) lexer.push("operator", "(", start);
    lexer.wraps = false;
  } else if (lexer.braces.pop() !== true) lexer.push("operator", ")", start);
}

/** `**` is a power between operands, else emphasis; so is a star that touches only what it emphasises. */
function star(lexer: Lexer, start: number): void {
  const before = lexer.text.charAt(start - 1);
  const operandBefore = /[\p{L}\d)\]}%]/u.test(before);
  if (lexer.peek() === "*") {
    lexer.at++;
    const after = /^-?[\p{L}\d(]/u.test(lexer.text.slice(lexer.at, lexer.at + 2));
    const isSpaced = /\s/.test(before) && /\s/.test(lexer.peek()) && isOperand(lexer);
    if ((operandBefore && after) || isSpaced) lexer.push("operator", "^", start);
    return;
  }
  const opens = !isOperand(lexer) && /\S/.test(lexer.peek());
  const closes =
    operandBefore && /^(?:\s*[^\s\d(.$\\\p{L}]|\s*$)/u.test(lexer.text.slice(lexer.at, lexer.at + 8));
  if (!opens && !closes) lexer.push("operator", "*", start);
}

/** The token before ends an operand. */
function isOperand(lexer: Lexer): boolean {
  const last = lexer.last();
  if (last === undefined) return false;
  return last.kind === "number" || last.kind === "letter" || last.kind === "word" || /^[)%]$/.test(last.text);
}

/** Before a number it is a price, after one a unit; a dollar else only delimits a formula. */
function currency(lexer: Lexer, character: string, start: number): void {
  if (
    /[\d.]/.test(lexer.peek()) ||
    (character !== "$" && /^ \d/.test(lexer.text.slice(lexer.at, lexer.at + 2)))
  ) {
    lexer.currency = character;
    // The sign belongs to the number, and white space before it is white space before the number.
    if (/\s/.test(lexer.text.charAt(start - 1))) lexer.spaced = true;
  } else if (character !== "$" && lexer.last()?.kind === "number") lexer.push("word", character, start);
}

/** A factorial where a calculation goes on, else emphasis. */
function exclamation(lexer: Lexer, start: number): void {
  const goesOn = /^\s*[-+*/×·÷=)^!]/.test(lexer.text.slice(lexer.at, lexer.at + 4));
  if (goesOn && isOperand(lexer) && !/\s/.test(lexer.text.charAt(start - 1)))
    lexer.push("operator", "!", start);
  else lexer.push("break", "!", start, { clean: true });
}

/** About, where it stands by itself; a space of LaTeX else. */
function tilde(lexer: Lexer, start: number): void {
  if (lexer.spaced && /\s/.test(lexer.peek()) && isOperand(lexer)) lexer.push("relation", "≈", start);
  else lexer.spaced = true;
}

/** The mark of an aligned formula stands at its relation; any other parts what is beside it. */
function alignment(lexer: Lexer, start: number): void {
  const before = lexer.last()?.kind;
  const atRelation = /^\s*(?:=|\\approx)/.test(lexer.text.slice(lexer.at, lexer.at + 16));
  if (!atRelation && before !== "relation" && before !== "line")
    lexer.push("break", "&", start, { clean: true });
}

function punctuation(lexer: Lexer, character: string, start: number): void {
  const betweenDigits = /\d/.test(lexer.text.charAt(start - 1)) && /\d/.test(lexer.peek());
  if (character === "." && lexer.take(/\.{2,6}/y) !== null) return ellipsis(lexer, start);
  if (character === "…") return ellipsis(lexer, start);
  if (/[,:]/.test(character) && betweenDigits) return lexer.push("break", character, start, { clean: false });
  lexer.push("break", character, start, { clean: !notUnderstood.test(character) });
}

function ellipsis(lexer: Lexer, start: number): void {
  lexer.push("break", "…", start, { clean: lexer.last()?.kind === "word" });
}
