import type { Sequence } from "./sequence.ts";

/** A piece of a sequence that fits the model: `before`, then `ids[from, to)`; scores are taken from `keep` on. */
export interface Window {
  readonly item: number;
  readonly sequence: Sequence;
  /** What stands in front: of a long prompt its first token and its end; of one that was read before, its last token. */
  readonly before: readonly number[];
  readonly from: number;
  readonly to: number;
  readonly keep: number;
  readonly length: number;
}

/**
 * Cuts a sequence into windows of at most `most` tokens. A text that fits is one window; a longer one is read in
 * windows that overlap by half, each position scored where it has the longer past. A prompt that takes more than half
 * of a window keeps its first token and its end.
 */
export function windowsOf(item: number, sequence: Sequence, most: number): readonly Window[] {
  const { ids } = sequence;
  const before = shortened(sequence.before, ids.length + sequence.before.length <= most ? most : most >> 1);
  const room = most - before.length;
  const windows: Window[] = [];
  for (let from = 0, keep = 0; ; from += room >> 1) {
    const to = Math.min(ids.length, from + room);
    windows.push({ item, sequence, before, from, to, keep, length: before.length + to - from });
    if (to === ids.length) return windows;
    keep = to;
  }
}

function shortened(ids: readonly number[], most: number): readonly number[] {
  return ids.length <= most ? ids : [ids[0]!, ...ids.slice(ids.length - most + 1)];
}

/** Share of a run that may be padding once it is worth its start. */
const mostPadding = 1 / 16;

/** What a run may hold. */
export interface RunSize {
  /** Tokens with the padding. */
  readonly tokens: number;
  /** A run of fewer tokens is not worth its own start: padding is cheaper. */
  readonly worth: number;
  readonly rows: number;
}

/** Windows of like length together, each run of the model within its size; the longest first. */
export function batchesOf(
  windows: readonly Window[],
  { tokens, worth, rows }: RunSize,
): readonly (readonly Window[])[] {
  const sorted = windows.toSorted((a, b) => b.length - a.length);
  const batches: Window[][] = [];
  let batch: Window[] = [];
  let filled = 0;
  const close = (): void => {
    if (batch.length > 0) batches.push(batch);
    batch = [];
    filled = 0;
  };
  for (const window of sorted) {
    const padded = (batch[0] ?? window).length * (batch.length + 1);
    const waste = 1 - (filled + window.length) / padded;
    if (padded > tokens || batch.length >= rows || (filled >= worth && waste > mostPadding)) close();
    batch.push(window);
    filled += window.length;
  }
  close();
  return batches;
}
