import type { Spans } from "./byteSpans.ts";

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * Moves spans of a normalised text back to the text it was made of. What normalisation joins or splits lies within a
 * grapheme: a span covers whole graphemes of the text.
 * @returns null where the graphemes, normalised one by one, are not the normalised text
 */
export function normalizedSpans(
  text: string,
  normalized: string,
  normalize: (text: string) => string,
  spans: Spans,
): Spans | null {
  const from = new Int32Array(normalized.length + 1);
  const to = new Int32Array(normalized.length + 1);
  let at = 0;
  for (const { segment, index } of graphemes.segment(text)) {
    const piece = normalize(segment);
    if (!normalized.startsWith(piece, at)) return null;
    if (piece === segment) {
      for (let i = 0; i < piece.length; i++) [from[at + i], to[at + i]] = [index + i, index + i + 1];
    } else {
      from.fill(index, at, at + piece.length);
      to.fill(index + segment.length, at, at + piece.length);
    }
    at += piece.length;
  }
  if (at !== normalized.length) return null;
  from[at] = text.length;
  return {
    start: spans.start.map((start) => from[start]!),
    end: spans.end.map((end, i) => (end === spans.start[i] ? from[end]! : to[end - 1]!)),
  };
}
