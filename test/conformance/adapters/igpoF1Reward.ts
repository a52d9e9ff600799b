import { type AnswerForm, answerScore } from "../../../src/core/diagnostic/answerScore.ts";
import type { Adapter } from "../adapter.ts";

const forms: readonly AnswerForm[] = ["f1", "em", "f1_no_format"];

export const igpoF1Reward: Adapter = {
  file: "igpo_f1_reward",
  values: ({ solution, ground_truth: reference }) =>
    Object.fromEntries(
      forms.map((form) => [form, answerScore(solution as string, reference as string, form)]),
    ),
};
