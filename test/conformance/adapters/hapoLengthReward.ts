import { hapoReward } from "../../../src/core/diagnostic/hapoLength.ts";
import type { ValueAdapter } from "../adapter.ts";
import { numberOf } from "../golden.ts";

export const hapoLengthReward: ValueAdapter = {
  file: "hapo_length_reward",
  values: ({ history_len: history, seq_len: length, correct, tolerance_ratio: tolerance, w }) => {
    const by = (form: "cosine" | "linear"): number =>
      hapoReward(numberOf(history), numberOf(length), numberOf(correct) === 1, {
        form,
        weight: numberOf(w ?? 1),
        tolerance: numberOf(tolerance ?? 0.1),
      });
    return { cosine: by("cosine"), linear: by("linear") };
  },
};
