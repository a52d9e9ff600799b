import type { Spans } from "../../protocol/store.ts";

/** Half-open range of span indices. */
export interface IndexRange {
  readonly from: number;
  readonly to: number;
}

export interface Place {
  readonly line: number;
  readonly character: number;
}

/** Spans that touch [start, end]: by line and column, since a single line may be longer than the screen. */
export function touching(spans: Spans, start: Place, end: Place): IndexRange {
  const n = spans.length / 4;
  const from = firstIndex(n, (k) => !before(spans[4 * k + 2]!, spans[4 * k + 3]!, start));
  const to = firstIndex(n, (k) =>
    before(end.line, end.character, { line: spans[4 * k]!, character: spans[4 * k + 1]! }),
  );
  return { from, to: Math.max(from, to) };
}

/** The visible range with `screens` times its size on each side. */
export function widened(visible: IndexRange, n: number, screens: number, least: number): IndexRange {
  const margin = Math.max(least, screens * (visible.to - visible.from));
  return { from: Math.max(0, visible.from - margin), to: Math.min(n, visible.to + margin) };
}

/** True while less than half of the margin on a side is used up. */
export function stillFits(
  painted: IndexRange,
  visible: IndexRange,
  n: number,
  screens: number,
  least: number,
): boolean {
  const half = Math.max(least, screens * (visible.to - visible.from)) / 2;
  const above = painted.from === 0 || visible.from - painted.from >= half;
  const below = painted.to === n || painted.to - visible.to >= half;
  return above && below && painted.from <= visible.from && painted.to >= visible.to;
}

function before(line: number, character: number, place: Place): boolean {
  return line < place.line || (line === place.line && character < place.character);
}

function firstIndex(n: number, holds: (k: number) => boolean): number {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
