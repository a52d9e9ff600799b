/**
 * What an expression matches where ASCII stands, as far as its alternatives say so plainly. A loop over units takes a
 * fraction of the time of a search with Unicode properties, and most of a log is ASCII.
 */
export interface AsciiRuns {
  /** Letters, with or without one space before them, are one match as far as they go. */
  readonly letters: boolean;
  /** Digits of one match at most; 0 where that is not plain. */
  readonly mostDigits: number;
  /** Marks of punctuation, with or without one space before them, are one match as far as they go; line ends behind, too. */
  readonly marks: "no" | "yes" | "andLineEnds";
  /** Units of ASCII at which a match may begin: digits, none, or whatever the expression says. */
  readonly begins: "digits" | "never" | "anywhere";
}

/** Alternatives that match letters, after a space or not, as long as letters come. */
const letterAlternatives: readonly string[] = [
  String.raw` ?\p{L}+`,
  String.raw`[^\r\n\p{L}\p{N}]?\p{L}+`,
  String.raw`[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+`,
];
/** Alternatives that match digits, and how many at most. */
const digitAlternatives: ReadonlyMap<string, number> = new Map([
  [String.raw`\p{N}`, 1],
  [String.raw`\p{N}{1,3}`, 3],
  [String.raw`\p{N}+`, Infinity],
  [String.raw` ?\p{N}+`, Infinity],
]);
/** Alternatives that match marks of punctuation, after a space or not, and what comes behind them. */
const markAlternatives: ReadonlyMap<string, AsciiRuns["marks"]> = new Map([
  [String.raw` ?[^\s\p{L}\p{N}]+`, "yes"],
  [String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*`, "andLineEnds"],
  [String.raw` ?[^\p{White_Space}\p{L}\p{N}]+[\r\n]*`, "andLineEnds"],
  [String.raw` ?[\p{P}\p{S}]+[\r\n]*`, "andLineEnds"],
]);
/** Begins with punctuation, so that it matches at no space, letter or digit. */
const punctuated =
  /^(?:'(?![*?{])|\(\?:'(?![*?{])(?:[^()|]|\|'(?![*?{]))*\)$|\[!"#\$%&'\(\)\*\+,\\-\.\/:;<=>\?@\\\[\\\\\\\]\^_`\{\|\}~\](?![*?{]))/;

/** One class of nothing but characters and ranges beyond ASCII. */
const beyondAscii = /^\[(?:[\u0080-\uffff]-[\u0080-\uffff]|[\u0080-\uffff])+\]\+?$/;

/** @param source of an expression that is global and unicode-aware */
export function asciiRunsOf(source: string): AsciiRuns {
  const alternatives = alternativesOf(source);
  let letters = false;
  let mostDigits = 0;
  let marks: AsciiRuns["marks"] = "no";
  // One that may take a digit before its letters leaves nothing plain to say of digits after it.
  let isDigitFree = true;
  for (const alternative of alternatives) {
    const most = digitAlternatives.get(alternative);
    if (most !== undefined) mostDigits ||= isDigitFree ? most : 0;
    else if (letterAlternatives.includes(alternative)) {
      letters = true;
      isDigitFree &&= alternative !== letterAlternatives[2];
    } else if (markAlternatives.has(alternative)) {
      // Of one mark before letters it is for those that come first to tell.
      if (letters) marks = markAlternatives.get(alternative)!;
      break;
    } else if (!punctuated.test(alternative)) break;
  }
  const isDigits = digitAlternatives.has(source) && !source.startsWith(" ");
  return {
    letters,
    mostDigits,
    marks,
    begins: isDigits ? "digits" : beyondAscii.test(source) ? "never" : "anywhere",
  };
}

/** Alternatives of an expression that stand in no group. */
function alternativesOf(source: string): readonly string[] {
  const found: string[] = [];
  let [from, depth] = [0, 0];
  let isClass = false;
  for (let at = 0; at < source.length; at++) {
    const unit = source[at];
    if (unit === "\\") at++;
    else if (isClass) isClass = unit !== "]";
    else if (unit === "[") isClass = true;
    else if (unit === "(") depth++;
    else if (unit === ")") depth--;
    else if (unit === "|" && depth === 0) {
      found.push(source.slice(from, at));
      from = at + 1;
    }
  }
  return [...found, source.slice(from)];
}

const space = 0x20;
const apostrophe = 0x27;
const ascii = 0x80;

function isAsciiDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

function isAsciiLetter(unit: number): boolean {
  const small = unit | 0x20;
  return small >= 0x61 && small <= 0x7a && unit < ascii;
}

function isAsciiMark(unit: number): boolean {
  return unit > space && unit < 0x7f && !isAsciiDigit(unit) && !isAsciiLetter(unit);
}

function isLineEnd(unit: number): boolean {
  return unit === 0x0a || unit === 0x0d;
}

function isWhite(unit: number): boolean {
  return unit === space || unit === 0x09 || isLineEnd(unit);
}

/** Where the match at `at` ends; `at` where it takes the expression to tell. */
export function endOfRun(text: string, at: number, runs: AsciiRuns): number {
  const first = text.charCodeAt(at);
  if (runs.mostDigits > 0 && isAsciiDigit(first)) return endOfDigits(text, at, runs.mostDigits);
  const from = first === space ? at + 1 : at;
  const second = from === at ? first : text.charCodeAt(from);
  if (runs.letters && isAsciiLetter(second)) return endOfLetters(text, at, from);
  return runs.marks !== "no" && isAsciiMark(second) ? endOfMarks(text, at, from, runs) : at;
}

function endOfDigits(text: string, at: number, most: number): number {
  const { length } = text;
  let to = at + 1;
  while (to < length && to - at < most && isAsciiDigit(text.charCodeAt(to))) to++;
  return to - at === most || to === length || text.charCodeAt(to) < ascii ? to : at;
}

function endOfLetters(text: string, at: number, from: number): number {
  const { length } = text;
  let to = from + 1;
  while (to < length && isAsciiLetter(text.charCodeAt(to))) to++;
  // A letter of another script, or a mark above the last one, may go on with the word.
  return to === length || text.charCodeAt(to) < ascii ? to : at;
}

function endOfMarks(text: string, at: number, from: number, { marks }: AsciiRuns): number {
  const { length } = text;
  let to = from + 1;
  while (to < length && isAsciiMark(text.charCodeAt(to))) to++;
  const next = to === length ? space : text.charCodeAt(to);
  // One mark may belong to the letters behind it, an apostrophe even if marks follow; control characters may go on with it.
  const isAlone = to - at === 1 && isAsciiLetter(next);
  const isShort = from === at && text.charCodeAt(at) === apostrophe;
  if (isAlone || isShort || !(isWhite(next) || isAsciiLetter(next) || isAsciiDigit(next))) return at;
  if (marks === "andLineEnds") while (to < length && isLineEnd(text.charCodeAt(to))) to++;
  return to;
}

/** The first place in `[from, end)` where a match may begin, or `end`. */
export function mayBegin(text: string, from: number, end: number, { begins }: AsciiRuns): number {
  if (begins === "anywhere") return from;
  let at = from;
  while (at < end) {
    const unit = text.charCodeAt(at);
    if (unit >= ascii || (begins === "digits" && isAsciiDigit(unit))) break;
    at++;
  }
  return at;
}
