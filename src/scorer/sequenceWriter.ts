import type { ModelManifest } from "../core/head/modelManifest.ts";
import type { ScoreItem } from "../core/head/scoreItem.ts";
import { noMark, type Sequence } from "./sequence.ts";
import type { SequenceTrace } from "./sequenceTrace.ts";
import type { LaidPiece } from "./template/laidPiece.ts";
import type { ModelTokenizer } from "./tokenizer/modelTokenizer.ts";
import type { TextEncoding } from "./tokenizer/textEncoding.ts";

/** What turns pieces into ids. */
export interface Vocabulary {
  readonly manifest: ModelManifest;
  readonly tokenizer: Pick<ModelTokenizer, "encodeTemplate" | "spansOf">;
  /** Ids of the added tokens that a log's text may write. */
  readonly written: ReadonlySet<number>;
  idOf(name: string): number;
}

/** A piece's place in a text that is tokenised as one. */
interface PieceSpan {
  readonly piece: Exclude<LaidPiece, { readonly kind: "token" }>;
  readonly from: number;
  readonly to: number;
}

/** A part's own text in a sequence: position of its first token, and its encoding. */
interface OwnText {
  readonly at: number;
  readonly encoding: TextEncoding;
}

/** A sequence while its pieces come in. */
export class SequenceWriter {
  readonly #item: ScoreItem;
  readonly #vocabulary: Vocabulary;
  readonly #trace: SequenceTrace | null;
  readonly #ids: number[] = [];
  readonly #mark: Int32Array;
  readonly #texts: OwnText[];
  /** Where the first part begins: what stands before it is kept in every window. */
  #before: number | null = null;
  #hasText = false;
  /** Ids at the end of a logged turn that no text shows: a template that ends the turn writes the same again. */
  #ended: Int32Array = new Int32Array(0);
  #logged = 0;

  constructor(item: ScoreItem, vocabulary: Vocabulary, trace: SequenceTrace | null = null) {
    this.#item = item;
    this.#vocabulary = vocabulary;
    this.#trace = trace;
    this.#mark = new Int32Array(item.parts.length).fill(noMark);
    this.#texts = item.parts.map(() => ({ at: 0, encoding: nothing }));
  }

  /** Takes a token, or pieces of text that are tokenised as one. */
  add(run: readonly LaidPiece[]): void {
    let open: LaidPiece[] = [];
    for (const piece of run) {
      const logged = this.#loggedIds(piece);
      if (piece.kind !== "token" && logged === null) {
        open.push(piece);
        continue;
      }
      this.#addTexts(open);
      open = [];
      if (piece.kind === "token") this.#addToken(piece.name, piece.part);
      else if (logged !== null) this.#addLogged(piece, logged);
    }
    this.#addTexts(open);
  }

  result(): Sequence {
    const ids = this.#ids;
    const from = this.#before ?? 0;
    const { read } = this.#vocabulary.manifest;
    this.#texts.forEach(({ at, encoding }, p) => {
      if (read.at === "partEnd" && lastShown(encoding) >= 0) this.#mark[p] = at + lastShown(encoding);
    });
    return {
      before: ids.slice(0, from),
      ids: ids.slice(from),
      mark: this.#mark.map((position) => (position < from - 1 ? noMark : position - from)),
      texts: this.#texts.map(({ at, encoding }) => ({ at: Math.max(0, at - from), encoding })),
      logged: this.#logged,
    };
  }

  #addToken(name: string, part: number): void {
    const { read } = this.#vocabulary.manifest;
    if (part >= 0) this.#before ??= this.#ids.length;
    if (this.#isScored(part) && read.at === "mark" && read.as === "token" && name === read.mark)
      this.#mark[part] = this.#ids.length + read.offset;
    this.#trace?.onToken(this.#ids.length, name, part);
    this.#ids.push(this.#vocabulary.idOf(name));
  }

  #isScored(part: number): boolean {
    return part >= 0 && this.#item.parts[part]!.kind !== "other";
  }

  /**
   * The log's ids of a piece with their spans, where they are this vocabulary's. A model that reads steps of a joined text
   * was trained on that text's own tokens, whatever the policy's were.
   */
  #loggedIds(piece: LaidPiece): TextEncoding | null {
    if (piece.kind !== "log" || !this.#isScored(piece.part)) return null;
    const { ids, text, kind } = this.#item.parts[piece.part]!;
    const { template } = this.#vocabulary.manifest;
    if (ids === null || piece.text !== text || (kind === "step" && template.segments === "joined"))
      return null;
    return this.#vocabulary.tokenizer.spansOf(ids, text);
  }

  #addLogged(piece: Exclude<LaidPiece, { readonly kind: "token" }>, encoding: TextEncoding): void {
    const { part, text } = piece;
    this.#before ??= this.#ids.length;
    this.#trace?.onText(this.#ids.length, encoding, [{ piece, from: 0, to: text.length }]);
    this.#texts[part] = { at: this.#ids.length, encoding };
    for (const id of encoding.ids) this.#ids.push(id);
    this.#logged++;
    this.#hasText = true;
    this.#ended = encoding.ids.slice(lastShown(encoding) + 1);
  }

  #addTexts(pieces: readonly LaidPiece[]): void {
    const spans: PieceSpan[] = [];
    const own: { start: number; end: number }[] = [];
    let text = "";
    for (const piece of pieces) {
      if (piece.kind === "token") continue;
      const [from, to] = [text.length, text.length + piece.text.length];
      spans.push({ piece, from, to });
      text += piece.text;
      if (piece.kind !== "model") continue;
      const last = own.at(-1);
      if (last?.end === from) last.end = to;
      else own.push({ start: from, end: to });
    }
    if (text === "") return;
    const { manifest, tokenizer, written } = this.#vocabulary;
    // Only in a conversation that is tokenised as one does a text go on where another ended.
    const place = manifest.template.segments === "joined" && this.#hasText ? "later" : "first";
    this.#hasText = true;
    const encoding = this.#behindEnd(tokenizer.encodeTemplate(text, own, { place, written }));
    const at = this.#ids.length;
    this.#trace?.onText(at, encoding, spans);
    for (const id of encoding.ids) this.#ids.push(id);
    this.#place(encoding, spans, at);
  }

  /** A text of the model's own without the end of a turn that the log has already. */
  #behindEnd(encoding: TextEncoding): TextEncoding {
    const ended = this.#ended;
    this.#ended = new Int32Array(0);
    const { ids, start, end } = encoding;
    if (ended.length === 0 || ended.some((id, k) => id !== ids[k])) return encoding;
    const from = ended.length;
    return { ids: ids.slice(from), start: start.slice(from), end: end.slice(from) };
  }

  /** Gives each piece of a text the tokens that show a character of it, the first of those that share one. */
  #place(encoding: TextEncoding, spans: readonly PieceSpan[], at: number): void {
    const { read } = this.#vocabulary.manifest;
    let free = 0;
    for (const { piece, from, to } of spans) {
      const { part, kind } = piece;
      if (part < 0 || from === to) continue;
      const { first, last } = tokensOn(encoding, from, to);
      this.#before ??= at + first;
      const isScored = this.#isScored(part);
      if (kind === "log" && isScored) {
        const own = Math.max(first, free);
        free = Math.max(own, last);
        this.#texts[part] = cut(encoding, { first: own, last: free, from, to, shift: piece.from }, at);
      } else if (isScored && read.at === "mark" && read.as === "text" && piece.text === read.mark) {
        this.#mark[part] = at + last - 1 + read.offset;
      }
    }
  }
}

/** Index of the last token that the text shows; −1 where there is none. */
function lastShown({ start, end }: TextEncoding): number {
  return end.findLastIndex((to, t) => to > start[t]!);
}

/** Tokens of a text that show a character of `[from, to)`, half-open; they follow each other. */
function tokensOn(
  { ids, start, end }: TextEncoding,
  from: number,
  to: number,
): { first: number; last: number } {
  let first = 0;
  while (first < ids.length && end[first]! <= from && start[first]! < from) first++;
  let last = first;
  while (last < ids.length && start[last]! < to) last++;
  return { first, last };
}

/** These tokens, with spans within the part's text; `shift` units of it stand before `from`. */
function cut(
  { ids, start, end }: TextEncoding,
  {
    first,
    last,
    from,
    to,
    shift,
  }: {
    readonly first: number;
    readonly last: number;
    readonly from: number;
    readonly to: number;
    readonly shift: number;
  },
  at: number,
): OwnText {
  const within = (place: number): number => Math.min(Math.max(place, from), to) - from + shift;
  return {
    at: at + first,
    encoding: {
      ids: ids.slice(first, last),
      start: start.slice(first, last).map(within),
      end: end.slice(first, last).map(within),
    },
  };
}

const nothing: TextEncoding = { ids: new Int32Array(0), start: new Int32Array(0), end: new Int32Array(0) };
