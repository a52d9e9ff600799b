import { reflectionCount, repeatness } from "../../../src/core/diagnostic/repetition.ts";
import type { ValueAdapter } from "../adapter.ts";

export const repeatnessReflection: ValueAdapter = {
  file: "repeatness_reflection",
  values: (inputs) => {
    const text = inputs["text"] as string;
    return { repeatness: repeatness(text), reflection_score_lowercased: reflectionCount(text) };
  },
};
