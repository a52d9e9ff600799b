import { type Answer, crossLabels, majorityVote, voteReward } from "../../../src/core/diagnostic/vote.ts";
import type { Inputs, ValueAdapter } from "../adapter.ts";

/** Cases without votes have an empty label, as the official code says "none". */
export const coRewardVote: ValueAdapter = {
  file: "co_reward_vote",
  values: (inputs) =>
    "answers" in inputs
      ? { label: majorityVote(inputs["answers"] as readonly Answer[]) ?? "" }
      : ofBothSides(inputs),
};

/** The official code's words for a question and its rephrasing, and the ones of people. */
const sides = [
  ["ori", "original"],
  ["aug", "augmented", "rephrased", "rephrase"],
] as const;

/** Questions have answers of two wordings; `uid` tells several questions apart. */
function ofBothSides(inputs: Inputs): Readonly<Record<string, unknown>> {
  const answers = sides.map(
    (words) => Object.entries(inputs).find(([key]) => words.some((word) => key.includes(word)))?.[1],
  ) as readonly (readonly Answer[])[];
  const uids = (inputs["uid"] ?? inputs["index"] ?? answers[0]!.map(() => "")) as readonly unknown[];
  const labels = new Map(
    uids.map((uid) => [uid, crossLabels(answers.map((own) => own.filter((_, i) => uids[i] === uid)))]),
  );
  const values: Record<string, unknown> = {};
  sides.forEach((words, side) => {
    const label =
      labels.size === 1
        ? (labels.get(uids[0])![side] ?? "")
        : uids.map((uid) => labels.get(uid)![side] ?? "");
    const reward = answers[side]!.map((answer, i) => voteReward(answer, labels.get(uids[i])![side]!));
    for (const word of words) {
      for (const noun of ["label", "pseudo_label", "pseudo"])
        Object.assign(values, { [`${noun}_${word}`]: label, [`${word}_${noun}`]: label });
      for (const noun of ["reward", "rewards"])
        Object.assign(values, { [`${noun}_${word}`]: reward, [`${word}_${noun}`]: reward });
    }
  });
  return values;
}
