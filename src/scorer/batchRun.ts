import type { Head } from "../core/head/head.ts";
import type { ModelManifest } from "../core/head/modelManifest.ts";
import type { ScoredItem } from "../protocol/scorer.ts";
import type { Logits } from "./onnxModel.ts";
import type { Sequence } from "./sequence.ts";
import type { Window } from "./windows.ts";

/** What a run reads: rows × width ids, padded on the right. */
export interface BatchInput {
  readonly ids: BigInt64Array;
  readonly lengths: readonly number[];
  readonly width: number;
}

export function batchInput(batch: readonly Window[], padId: number): BatchInput {
  const lengths = batch.map(({ length }) => length);
  const width = Math.max(...lengths);
  const ids = new BigInt64Array(batch.length * width).fill(BigInt(padId));
  batch.forEach(({ before, sequence, from, to }, r) => {
    let at = r * width;
    for (const id of before) ids[at++] = BigInt(id);
    for (let i = from; i < to; i++) ids[at++] = BigInt(sequence.ids[i]!);
  });
  return { ids, lengths, width };
}

/** The scores of one item while its windows come in. */
export class ItemScores {
  readonly sequence: Sequence;
  readonly #manifest: ModelManifest;
  readonly #head: Head;
  readonly #part: Float32Array;
  readonly #token: Float32Array;
  readonly #first: Int32Array;
  #windows = 0;
  #tokens = 0;

  constructor(sequence: Sequence, manifest: ModelManifest, head: Head) {
    this.sequence = sequence;
    this.#manifest = manifest;
    this.#head = head;
    const { texts, mark } = sequence;
    this.#first = new Int32Array(texts.length + 1);
    texts.forEach(({ encoding }, p) => (this.#first[p + 1] = this.#first[p]! + encoding.ids.length));
    this.#part = new Float32Array(mark.length).fill(NaN);
    this.#token = new Float32Array(this.#first[texts.length]!).fill(NaN);
  }

  /** Takes what a run says of row `r`, which holds one of the item's windows. */
  add(window: Window, logits: Logits, r: number): void {
    const { read, output, tokenScores } = this.#manifest;
    const { keep, from, to, before } = window;
    this.#windows++;
    this.#tokens += window.length;
    const scoreAt = (position: number): number => {
      const at = before.length + position - from;
      if (at < 0) return NaN;
      return this.#head.score(logits.data, (r * logits.width + at) * logits.labels, logits.labels, output);
    };
    this.sequence.mark.forEach((position, p) => {
      if (position >= keep && position < to) this.#part[p] = scoreAt(position);
    });
    if (!tokenScores) return;
    const shift = read.at === "everyToken" ? read.shift : 0;
    this.sequence.texts.forEach(({ at, encoding }, p) => {
      const last = Math.min(encoding.ids.length, to - at);
      for (let t = Math.max(0, keep - at); t < last; t++)
        this.#token[this.#first[p]! + t] = scoreAt(at + t + shift);
    });
  }

  result(): ScoredItem {
    const { texts } = this.sequence;
    return {
      part: this.#part,
      first: this.#first,
      start: Int32Array.from(texts.flatMap(({ encoding }) => encoding.start)),
      end: Int32Array.from(texts.flatMap(({ encoding }) => encoding.end)),
      ids: Int32Array.from(texts.flatMap(({ encoding }) => encoding.ids)),
      token: this.#token,
      tokens: this.#tokens,
      windows: this.#windows,
    };
  }
}
