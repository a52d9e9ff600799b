import { setImmediate } from "node:timers/promises";
import type { Head } from "../core/head/head.ts";
import { headOf } from "../core/head/registry.ts";
import type { ModelManifest } from "../core/head/modelManifest.ts";
import type { ScoredItem, ScoreItem } from "../protocol/scorer.ts";
import { UserError } from "../protocol/userError.ts";
import { batchInput, ItemScores } from "./batchRun.ts";
import { ModelError, type OnnxModel } from "./onnxModel.ts";
import { SequenceBuilder } from "./sequence.ts";
import type { ModelTokenizer } from "./tokenizer/modelTokenizer.ts";
import { batchesOf, windowsOf } from "./windows.ts";

/** Tokens of one run with their padding: a run cannot be interrupted, and on a CPU larger ones are no faster. */
const budget = 4096;

export interface Parts {
  readonly manifest: ModelManifest;
  readonly tokenizer: ModelTokenizer;
  readonly model: OnnxModel;
  readonly padId: number;
}

/** A model with its tokenizer: texts in, scores out. */
export class ScoringModel {
  readonly #manifest: ModelManifest;
  readonly #builder: SequenceBuilder;
  readonly #model: OnnxModel;
  readonly #head: Head;
  readonly #padId: number;

  constructor({ manifest, tokenizer, model, padId }: Parts) {
    this.#manifest = manifest;
    this.#builder = new SequenceBuilder(manifest, tokenizer);
    this.#model = model;
    this.#head = headOf(manifest.head)!;
    this.#padId = padId;
  }

  /**
   * Scores items, in their order.
   * @throws UserError `cancelled` between two runs, ModelError when the model fails
   */
  async score(
    items: readonly ScoreItem[],
    signal?: { readonly aborted: boolean },
  ): Promise<readonly ScoredItem[]> {
    const scores = items.map((item) => new ItemScores(this.#builder.build(item), this.#manifest, this.#head));
    const windows = scores.flatMap(({ sequence }, i) =>
      sequence.ids.length === 0 ? [] : windowsOf(i, sequence, this.#manifest.limits.maxTokens),
    );
    for (const batch of batchesOf(windows, budget)) {
      // A run blocks the process: between two runs messages get through, "cancel" among them.
      await setImmediate();
      if (signal?.aborted === true) throw new UserError("cancelled", "Cancelled");
      const { ids, lengths, width } = batchInput(batch, this.#padId);
      const logits = await this.#model.run(ids, lengths, width);
      const unfit = this.#head.fits(logits.labels, this.#manifest.output);
      if (unfit !== null) throw new ModelError(`does not fit its manifest: ${unfit}`);
      batch.forEach((window, r) => scores[window.item]!.add(window, logits, r));
    }
    return scores.map((one) => one.result());
  }

  release(): Promise<void> {
    return this.#model.release();
  }
}
