// Word pieces for hand-written texts: what a tokenizer would make of them, small enough to be read.

/** A piece is a word with the space before it, one digit, or one sign; line breaks stand alone. */
const piece = /\n+| ?\p{L}+| ?\d| ?[^\s\p{L}\d]|[^\S\n]+/gu;

/** Ids by first appearance, so that they stay small and equal pieces have equal ids. */
export class Vocabulary {
  /** @type {Map<string, number>} */
  #ids = new Map();

  /** @param {string} text */
  id(text) {
    let id = this.#ids.get(text);
    if (id === undefined) this.#ids.set(text, (id = this.#ids.size + 1));
    return id;
  }
}

/**
 * Pieces of a text as half-open spans in UTF-16 units; they cover it without a gap.
 * @param {string} text
 * @returns {[number, number][]}
 */
export function spansOf(text) {
  return [...text.matchAll(piece)].map((match) => [match.index, match.index + match[0].length]);
}

/**
 * Small numbers that look like log-probs and are the same on every run.
 * @param {string} seed
 * @param {number} n
 */
export function logprobs(seed, n) {
  let state = 2166136261;
  for (const char of seed) state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 16777619) >>> 0;
  return Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const u = state / 2 ** 32;
    return -Math.round(100 * u ** 4 * 3) / 100;
  });
}
