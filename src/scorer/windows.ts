import type { Sequence } from "./sequence.ts";

/** A piece of a sequence that fits the model: `before`, then `ids[from, to)`; scores are taken from `keep` on. */
export interface Window {
  readonly item: number;
  readonly sequence: Sequence;
  /** How many of the ids before are left out at the front of a long prompt, its first one kept. */
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

/** Windows of like length together, at most `budget` tokens with the padding in each run of the model. */
export function batchesOf(windows: readonly Window[], budget: number): readonly (readonly Window[])[] {
  const sorted = windows.toSorted((a, b) => a.length - b.length);
  const batches: Window[][] = [];
  let batch: Window[] = [];
  for (const window of sorted) {
    if (batch.length > 0 && window.length * (batch.length + 1) > budget) {
      batches.push(batch);
      batch = [];
    }
    batch.push(window);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
