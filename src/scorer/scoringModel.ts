import { setImmediate } from "node:timers/promises";
import type { Head, OutputName, ReadContext } from "../core/head/head.ts";
import { headOf } from "../core/head/registry.ts";
import type { ModelManifest } from "../core/head/modelManifest.ts";
import type { Device, ScoredEntry, ScoredItem, ScoreItem } from "../protocol/scorer.ts";
import { UserError } from "../protocol/userError.ts";
import { batchInput } from "./batchInput.ts";
import { ItemTexts } from "./itemTexts.ts";
import type { Logits, OnnxModel } from "./onnxModel.ts";
import { ModelError } from "./runtime/runtime.ts";
import { SequenceBuilder } from "./sequenceBuilder.ts";
import { runSizeOf } from "./runSize.ts";
import { type Batch, planRuns } from "./sharedPrompt.ts";
import { type ChatTemplate, TemplateError } from "./template/chatTemplate.ts";
import { TextRun } from "./textRun.ts";
import type { ModelTokenizer } from "./tokenizer/modelTokenizer.ts";
import type { RunSize } from "./windows.ts";

/** Numbers one output of a run may hold: a whole vocabulary's logits at each position are many. */
const mostNumbers = 2 ** 26;

export interface Parts {
  readonly manifest: ModelManifest;
  readonly tokenizer: ModelTokenizer;
  readonly chat: ChatTemplate | null;
  readonly main: OnnxModel;
  /** The second model of a head that reads two. */
  readonly reference: OnnxModel | null;
  readonly padId: number;
  /** What runs it; a GPU takes more tokens at once. Default: the CPU. */
  readonly device?: Device;
  /** Of its files. */
  readonly bytes: number;
}

/** Who follows a scoring, and may end it. */
export interface ScoreWatch {
  readonly signal?: { readonly aborted: boolean } | undefined;
  /** Before each run of the model: the items it concerns, and whether it is the last. */
  onRun?(items: readonly number[], isLast: boolean): void;
  /** Items that are done; null for one that does not fit the memory even by itself. */
  onScored(scored: readonly ScoredEntry[]): void;
}

/** A model with its tokenizer: texts in, scores out. */
export class ScoringModel {
  readonly builder: SequenceBuilder;
  readonly #parts: Parts;
  readonly #head: Head;
  readonly #outputs: readonly OutputName[];
  readonly #context: ReadContext;
  /** Numbers a position of the widest output; 0 before the first run. */
  #labels = 0;
  /** Tokens of a run, with their padding, that fit the memory as far as runs have shown. */
  #fitting = Infinity;

  /** @throws TokenizerError when the manifest names a token the vocabulary does not have */
  constructor(parts: Parts) {
    const { manifest, tokenizer, chat } = parts;
    this.#parts = parts;
    this.builder = new SequenceBuilder(manifest, tokenizer, chat);
    this.#head = headOf(manifest.head)!;
    this.#outputs = this.#head.outputs(manifest);
    const candidates = manifest.output.candidates ?? [];
    this.#context = { manifest, candidates: candidates.map((name) => this.builder.idOf(name)) };
  }

  /**
   * Scores a few items, in their order.
   * @throws UserError `cancelled` between two runs, ModelError when the model fails
   */
  async score(
    items: readonly ScoreItem[],
    signal?: { readonly aborted: boolean },
  ): Promise<readonly ScoredItem[]> {
    const scored: ScoredItem[] = [];
    const onScored = (entries: readonly ScoredEntry[]): void => {
      for (const [i, item] of entries) {
        if (item === null) throw new ModelError("needs more memory for one text than there is");
        scored[i] = item;
      }
    };
    await this.scoreEach(items, { signal, onScored });
    return scored;
  }

  /**
   * Scores items and gives each back as soon as its runs are done; null for one that the model's chat template does not take.
   * @throws UserError `cancelled` between two runs, ModelError when the model fails, TemplateError when the chat template
   * takes none of them
   */
  async scoreEach(items: readonly ScoreItem[], watch: ScoreWatch): Promise<void> {
    const { manifest, main, reference } = this.#parts;
    const texts = items.map((item) => this.#laidOut(item));
    const refused = texts.flatMap((laid, i) => (laid instanceof TemplateError ? [i] : []));
    if (refused.length > 0 && refused.length === items.length) throw texts[0] as TemplateError;
    const work = new ItemTexts(
      texts.map((laid) => (laid instanceof TemplateError ? [] : laid)),
      manifest.limits.maxTokens,
    );
    for (const i of refused) work.refuse(i);
    const tell = (done: readonly number[]): void => {
      const entryOf = (i: number): ScoredEntry => [
        i,
        work.hasFailed(i) ? null : this.#gathered(items[i]!, work.textsOf(i)),
      ];
      if (done.length > 0) watch.onScored(done.map(entryOf));
    };
    tell(work.empty());
    const shares = main.canShare && reference?.canShare !== false;
    const batches = planRuns(work.windows, this.#runSize(), shares ? main.past : null);
    // Taken off one by one, so that the state of a prompt goes with its last run.
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      // A run blocks the process: between two runs messages get through, a stop among them.
      await setImmediate();
      if (watch.signal?.aborted === true) throw new UserError("cancelled", "Cancelled");
      watch.onRun?.(work.itemsOf(batch.windows), batches.length === 0);
      const parts = await this.#runBatch(batch, work);
      if (parts === null) tell(work.done(batch.windows));
      else batches.unshift(...parts);
    }
  }

  /** False for an item that the model's chat template does not take. */
  takes(item: ScoreItem): boolean {
    return !(this.#laidOut(item) instanceof TemplateError);
  }

  /** What it is made of, for those who look into it. */
  get parts(): Parts {
    return this.#parts;
  }

  async release(): Promise<void> {
    await this.#parts.main.release();
    await this.#parts.reference?.release();
  }

  #runSize(): RunSize {
    const { bytes, device } = this.#parts;
    const size = runSizeOf(bytes, device);
    const most = Math.min(size.tokens, this.#fitting);
    const fitting = this.#labels === 0 ? most : Math.min(most, Math.floor(mostNumbers / this.#labels));
    return { ...size, tokens: Math.max(1, fitting) };
  }

  /** One run. @returns null, or what to run instead where it asks for more memory than there is */
  async #runBatch(batch: Batch, work: ItemTexts): Promise<readonly Batch[] | null> {
    const { windows, prompt } = batch;
    const padded = windows.length * Math.max(...windows.map(({ length }) => length));
    if (windows.length > 1 && padded > this.#fitting) return halves(batch);
    const outputs = await this.#run(batch).catch((error: unknown) => {
      if (error instanceof ModelError && /alloc|memory/i.test(error.message)) return null;
      throw error;
    });
    if (outputs === null) {
      if (windows.length > 1) this.#fitting = Math.max(1, padded >> 1);
      if (windows.length > 1) return halves(batch);
      if (prompt !== null) return [{ windows: [prompt.whole(windows[0]!)], prompt: null }];
      work.fail(windows[0]!);
      return null;
    }
    const unfit = this.#head.fits(outputs, this.#context);
    if (unfit !== null) throw new ModelError(`does not fit its manifest: ${unfit}`);
    windows.forEach((window, r) => {
      const text = work.texts[window.item]!;
      text.add(window, outputs, r);
      text.read += prompt?.length ?? 0;
    });
    return null;
  }

  async #run({ windows, prompt }: Batch): Promise<readonly Logits[]> {
    const { main, reference, padId } = this.#parts;
    const { ids, lengths, width } = batchInput(windows, padId);
    const run = async (model: OnnxModel): Promise<Logits[]> => {
      const before = prompt === null ? null : await prompt.stateOf(model);
      return [...(await model.run(ids, lengths, width, before))];
    };
    const own = await run(main);
    const other = reference === null ? [] : await run(reference);
    const outputs = this.#outputs.map(({ model }) => (model === "main" ? own : other).shift()!);
    for (const { labels } of outputs) this.#labels = Math.max(this.#labels, labels);
    return outputs;
  }

  /** The texts that are read of an item; why not, where the chat template does not take it. */
  #laidOut(item: ScoreItem): readonly TextRun[] | TemplateError {
    try {
      return (this.#head.texts?.(item, this.#parts.manifest) ?? [item]).map(
        (text) => new TextRun(text, this.builder.build(text), this.#head, this.#context),
      );
    } catch (error) {
      if (error instanceof TemplateError) return error;
      throw error;
    }
  }

  #gathered(item: ScoreItem, runs: readonly TextRun[]): ScoredItem {
    const texts = runs.map((run) => run.result());
    const [first] = texts;
    const none = new Int32Array(0);
    // The tokens of a head that reads texts of its own making are those of the rollout where it keeps the parts.
    const isOwn = first !== undefined && first.item.parts === item.parts;
    return {
      first: isOwn ? first.first : new Int32Array(item.parts.length + 1),
      start: isOwn ? first.start : none,
      end: isOwn ? first.end : none,
      ids: isOwn ? first.ids : none,
      columns: texts.length === 0 ? [] : this.#head.gather(texts, item, this.#context),
      tokens: runs.reduce((sum, { read }) => sum + read, 0),
      windows: Math.max(0, ...texts.map(({ windows }) => windows)),
      onGpu: (this.#parts.device ?? "cpu") !== "cpu",
    };
  }
}

function halves({ windows, prompt }: Batch): readonly Batch[] {
  const middle = windows.length >> 1;
  return [windows.slice(0, middle), windows.slice(middle)].map((half) => ({ windows: half, prompt }));
}
