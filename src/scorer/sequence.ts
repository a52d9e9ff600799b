import { type ModelManifest, type Piece, isToken } from "../core/head/modelManifest.ts";
import type { ScoreItem } from "../protocol/scorer.ts";
import type { ModelTokenizer } from "./tokenizer/modelTokenizer.ts";
import { TokenizerError } from "./tokenizer/modelTokenizer.ts";
import type { TextEncoding } from "./tokenizer/textEncoding.ts";

/** One item as token ids, with the way back from positions to parts. */
export interface Sequence {
  /** Ids of what stands before every window. */
  readonly before: readonly number[];
  readonly ids: readonly number[];
  /** Position in `ids` where each part's score is read; −1 = none. */
  readonly mark: Int32Array;
  /** First position in `ids` of each part's own text, and its encoding; null for what is not scored. */
  readonly texts: readonly { readonly at: number; readonly encoding: TextEncoding }[];
}

/** Builds the token sequences a model reads, by its template. */
export class SequenceBuilder {
  readonly #manifest: ModelManifest;
  readonly #tokenizer: ModelTokenizer;

  /** @throws TokenizerError when the template asks for a token the vocabulary does not have */
  constructor(manifest: ModelManifest, tokenizer: ModelTokenizer) {
    this.#manifest = manifest;
    this.#tokenizer = tokenizer;
    const { before, eachStep, eachTurn, otherTurn } = manifest.template;
    for (const piece of [...before, ...(eachStep ?? eachTurn ?? []), ...otherTurn])
      if (isToken(piece)) this.#idOf(piece.token);
  }

  build({ prompt, parts }: ScoreItem): Sequence {
    const { template, read } = this.#manifest;
    const before: number[] = [];
    for (const piece of template.before) before.push(...this.#encode(piece, prompt).ids);
    const ids: number[] = [];
    const mark = new Int32Array(parts.length).fill(-1);
    const texts = parts.map(({ kind, text }, p) => {
      let own = { at: ids.length, encoding: nothing };
      const pieces = kind === "other" ? template.otherTurn : (template.eachStep ?? template.eachTurn ?? []);
      for (const piece of pieces) {
        const encoding = this.#encode(piece, text);
        if (kind !== "other" && typeof piece === "string") own = { at: ids.length, encoding };
        if (kind === "step" && read.at === "mark" && isToken(piece) && piece.token === read.mark)
          mark[p] = ids.length + read.offset;
        for (const id of encoding.ids) ids.push(id);
      }
      return own;
    });
    return { before, ids, mark, texts };
  }

  #encode(piece: Piece, slot: string): TextEncoding {
    if (typeof piece === "string") return this.#tokenizer.encode(slot);
    if (isToken(piece)) return { ids: [this.#idOf(piece.token)], start: [0], end: [0] };
    return this.#tokenizer.encode(piece.text);
  }

  #idOf(token: string): number {
    const id = this.#tokenizer.idOf(token);
    if (id === null)
      throw new TokenizerError(`has no token ${JSON.stringify(token)}, which the model's template asks for`);
    return id;
  }
}

const nothing: TextEncoding = { ids: [], start: [], end: [] };
