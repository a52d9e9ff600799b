import { type AsciiRuns, asciiRunsOf, endOfRun, mayBegin } from "./asciiRuns.ts";

/** Places where texts are cut: pairs of bounds in `bounds`, ascending. */
export interface TextCut {
  /** @returns how many pairs; the caller makes room for one for each unit */
  (text: string, bounds: Int32Array): number;
}

/**
 * Cuts by expressions, the next one within the pieces of the one before; what no match holds is a piece, too.
 * @param patterns global and unicode-aware, as of tokenizer.json's `Split` with behaviour `Isolated`
 */
export function cutByPatterns(patterns: readonly RegExp[]): TextCut {
  const cuts = patterns.map((pattern) => new PatternCut(pattern));
  let [pieces, finer] = [new Int32Array(0), new Int32Array(0)];
  return (text, bounds) => {
    if (text === "") return 0;
    if (patterns.length > 1 && pieces.length < bounds.length)
      [pieces, finer] = [new Int32Array(bounds.length), new Int32Array(bounds.length)];
    let count = 1;
    pieces[0] = 0;
    pieces[1] = text.length;
    cuts.forEach((cut, level) => {
      const out = level === cuts.length - 1 ? bounds : finer;
      const n = level === 0 ? cut.pieces(text, 0, text.length, out, 0) : cut.within(text, pieces, count, out);
      count = n;
      if (out !== bounds) [pieces, finer] = [finer, pieces];
    });
    return count;
  };
}

/** One expression's cuts. */
class PatternCut {
  readonly #pattern: RegExp;
  /** To ask for a match at a place takes half the time of a search that makes objects. */
  readonly #sticky: RegExp;
  /** Whether what stands around a match does not matter: what is nowhere in a text is in none of its pieces. */
  readonly #isPlain: boolean;
  readonly #runs: AsciiRuns;

  constructor(pattern: RegExp) {
    // One of its own: where a search has come to is kept in the expression.
    this.#pattern = new RegExp(pattern.source, pattern.flags);
    this.#sticky = new RegExp(pattern.source, pattern.flags.replace("g", "y"));
    this.#runs = asciiRunsOf(pattern.source);
    this.#isPlain = !/[$^]|\(\?[=!<]|\\[bB]/.test(pattern.source.replaceAll("[^", "["));
  }

  /** Cuts `count` pieces; writes the pieces they fall into. @returns how many those are */
  within(text: string, pieces: Int32Array, count: number, out: Int32Array): number {
    this.#pattern.lastIndex = 0;
    if (this.#isPlain && !this.#pattern.test(text)) {
      out.set(pieces.subarray(0, 2 * count));
      return count;
    }
    let n = 0;
    for (let p = 0; p < count; p++) {
      const from = pieces[2 * p]!;
      const to = pieces[2 * p + 1]!;
      // A piece that holds no match stays as it is.
      if (to - from > 1 && mayBegin(text, from, to, this.#runs) < to)
        n = this.pieces(text.slice(from, to), from, to, out, n);
      else {
        out[2 * n] = from;
        out[2 * n++ + 1] = to;
      }
    }
    return n;
  }

  /** Cuts the text that stands at `[offset, end)`; writes from piece `n` on. @returns how many pieces there are then */
  pieces(text: string, offset: number, end: number, out: Int32Array, n: number): number {
    const sticky = this.#sticky;
    const runs = this.#runs;
    let count = n;
    let at = 0;
    while (offset + at < end) {
      let next = endOfRun(text, at, runs);
      if (next === at && mayBegin(text, at, at + 1, runs) === at) {
        sticky.lastIndex = at;
        next = sticky.test(text) ? sticky.lastIndex : at;
      }
      // Nothing is matched here: the piece goes on to the next match.
      if (next === at) next = this.#nextFrom(text, at);
      out[2 * count] = offset + at;
      out[2 * count++ + 1] = offset + next;
      at = next;
    }
    return count;
  }

  /** Where the first match after `at` begins that holds anything; the text's end where none does. */
  #nextFrom(text: string, at: number): number {
    const from = mayBegin(text, at, text.length, this.#runs);
    if (from === text.length || endOfRun(text, from, this.#runs) > from) return from;
    const pattern = this.#pattern;
    pattern.lastIndex = from;
    for (;;) {
      const match = pattern.exec(text);
      if (match === null) return text.length;
      if (match[0] !== "") return match.index;
      pattern.lastIndex = match.index + (text.codePointAt(match.index)! > 0xffff ? 2 : 1);
    }
  }
}

const space = 0x20;
const metaspace = 0x2581;

function isSpace(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit === space || unit === metaspace;
}

/**
 * Cuts before spaces, where SentencePiece's words begin.
 * @param runs whether each space begins a piece, or a run of them
 */
export function cutAtSpaces(runs: "each" | "runs"): TextCut {
  return (text, bounds) => {
    const { length } = text;
    let count = 0;
    for (let at = 0; at < length;) {
      bounds[2 * count] = at;
      if (isSpace(text, at)) at++;
      while (runs === "runs" && at < length && isSpace(text, at)) at++;
      while (at < length && !isSpace(text, at)) at++;
      bounds[2 * count++ + 1] = at;
    }
    return count;
  };
}

/** Pieces between white space of ASCII, which no token holds. */
export function cutOutWhiteSpace(text: string, bounds: Int32Array): number {
  const { length } = text;
  let count = 0;
  for (let at = 0; at < length;) {
    while (at < length && isAsciiWhiteSpace(text.charCodeAt(at))) at++;
    if (at === length) break;
    bounds[2 * count] = at;
    while (at < length && !isAsciiWhiteSpace(text.charCodeAt(at))) at++;
    bounds[2 * count++ + 1] = at;
  }
  return count;
}

/** Space, tab and line ends; the other control characters vanish without ending a word. */
function isAsciiWhiteSpace(unit: number): boolean {
  return unit === space || unit === 0x0a || unit === 0x0d || unit === 0x09;
}
