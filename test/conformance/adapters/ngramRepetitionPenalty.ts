import { distinctPenalty, ngramPenalty } from "../../../src/core/diagnostic/ngrams.ts";
import type { ValueAdapter } from "../adapter.ts";

/** The product has NaN where the official code divides by zero. */
export const ngramRepetitionPenalty: ValueAdapter = {
  file: "ngram_repetition_penalty",
  values: (inputs) => {
    const ids = inputs["tokens"] as readonly number[];
    const penalty = {
      size: inputs["ngram_size"] as number,
      maxPenalty: inputs["max_penalty"] as number,
      onlyStart: inputs["only_start"] === true,
    };
    const reward = refusing(() => ngramPenalty(ids, penalty));
    const distinct = refusing(() => distinctPenalty(ids, penalty));
    return {
      ...(typeof reward === "string" ? { error: reward } : {}),
      reward,
      distinct_ngram_variant: Number.isNaN(distinct) ? "ZeroDivisionError" : distinct,
    };
  },
};

/** The name of Python's error where the product refuses. */
function refusing(compute: () => number): number | string {
  try {
    return compute();
  } catch (error) {
    if (error instanceof RangeError) return "ValueError";
    throw error;
  }
}
