import { type Answer, crossLabels, majorityVote, voteReward } from "../../../src/core/diagnostic/vote.ts";
import type { ValueAdapter } from "../adapter.ts";

/** Cases without votes have an empty label, as the official code says "none". */
export const coRewardVote: ValueAdapter = {
  file: "co_reward_vote",
  values: (inputs) => {
    if ("answers" in inputs) return { label: majorityVote(inputs["answers"] as readonly Answer[]) ?? "" };
    const original = inputs["answers_ori"] as readonly Answer[];
    const rephrased = inputs["answers_aug"] as readonly Answer[];
    const [label, otherLabel] = crossLabels([original, rephrased]);
    return {
      label_ori: label ?? "",
      label_aug: otherLabel ?? "",
      reward_ori: original.map((answer) => voteReward(answer, label!)),
      reward_aug: rephrased.map((answer) => voteReward(answer, otherLabel!)),
    };
  },
};
