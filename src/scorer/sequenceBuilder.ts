import type { ScoreItem } from "../core/head/scoreItem.ts";
import type { ModelManifest } from "../core/head/modelManifest.ts";
import { isToken, type Template } from "../core/head/template.ts";
import type { ChatTemplate } from "./template/chatTemplate.ts";
import type { Sequence } from "./sequence.ts";
import type { SequenceTrace } from "./sequenceTrace.ts";
import { SequenceWriter } from "./sequenceWriter.ts";
import type { LaidPiece } from "./template/laidPiece.ts";
import { layOut } from "./template/layOut.ts";
import { type ModelTokenizer, TokenizerError } from "./tokenizer/modelTokenizer.ts";
import { writtenTokens } from "./writtenTokens.ts";

/** Builds the token sequences a model reads, by its template. */
export class SequenceBuilder {
  /** Ids of the added tokens that a log's text may write. */
  readonly written: ReadonlySet<number>;
  readonly #manifest: ModelManifest;
  readonly #tokenizer: ModelTokenizer;
  readonly #chat: ChatTemplate | null;
  readonly #ids = new Map<string, number>();

  /** @throws TokenizerError when the template asks for a token the vocabulary does not have */
  constructor(manifest: ModelManifest, tokenizer: ModelTokenizer, chat: ChatTemplate | null) {
    this.#manifest = manifest;
    this.#tokenizer = tokenizer;
    this.#chat = chat;
    this.written = writtenTokens(manifest, tokenizer);
    const { before, firstStep, eachStep, eachTurn, otherTurn, after } = manifest.template;
    for (const pieces of [before, firstStep ?? [], eachStep ?? eachTurn ?? [], otherTurn, after])
      for (const piece of pieces) if (isToken(piece)) this.idOf(piece.token);
  }

  /** @throws TemplateError when the chat template cannot lay the item out */
  build(item: ScoreItem, trace: SequenceTrace | null = null): Sequence {
    const writer = new SequenceWriter(item, this, trace);
    for (const pieces of runsOf(layOut(item, this.#manifest.template, this.#chat), this.#manifest.template))
      writer.add(pieces);
    return writer.result();
  }

  get manifest(): ModelManifest {
    return this.#manifest;
  }

  get tokenizer(): ModelTokenizer {
    return this.#tokenizer;
  }

  /** Id of a token that a template or a manifest names: a special one, an entry of the vocabulary, or a text that is one token. */
  idOf(name: string): number {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const id = this.#tokenizer.idOf(name) ?? this.#onlyId(name);
    this.#ids.set(name, id);
    return id;
  }

  #onlyId(name: string): number {
    const { ids } = this.#tokenizer.encode(name);
    if (ids.length === 1) return ids[0]!;
    throw new TokenizerError(
      `has no token ${JSON.stringify(name)}, which the model's template asks for` +
        (ids.length > 1 ? ` (as text it is ${ids.length} tokens)` : ""),
    );
  }
}

/** Pieces that are tokenised as one, in their order; a token is by itself. */
function* runsOf(
  pieces: readonly LaidPiece[],
  { segments }: Pick<Template, "segments">,
): Generator<readonly LaidPiece[]> {
  let open: LaidPiece[] = [];
  for (const piece of pieces) {
    const last = open.at(-1);
    const joins =
      last !== undefined &&
      last.kind !== "token" &&
      piece.kind !== "token" &&
      (segments === "joined" || (segments === "parts" && last.part === piece.part));
    if (!joins && last !== undefined) {
      yield open;
      open = [];
    }
    open.push(piece);
  }
  if (open.length > 0) yield open;
}
