import { matchScore, toolCallReward, toolScore } from "../../../src/core/diagnostic/toolCallReward.ts";
import type { ValueAdapter } from "../adapter.ts";

export const toolrlReward: ValueAdapter = {
  file: "toolrl_reward",
  values: (inputs) => {
    if ("list1" in inputs)
      return { score: matchScore(inputs["list1"] as unknown[], inputs["list2"] as unknown[]) };
    const scale = { max: 3, min: -3, grain: "fine", withLength: false } as const;
    if ("response" in inputs)
      return { ...toolScore(inputs["response"] as string, inputs["ground_truth"] as string, scale) };
    const calls = [inputs["ground_truth"], inputs["prediction"]] as [unknown[], unknown[]];
    const bounds = { max: inputs["max"] as number, min: inputs["min"] as number };
    return { reward: toolCallReward(...calls, { ...scale, ...bounds }) };
  },
};
