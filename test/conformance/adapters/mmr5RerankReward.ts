import { rerankFormat, rerankScore } from "../../../src/core/diagnostic/rerank.ts";
import type { ValueAdapter } from "../adapter.ts";

export const mmr5RerankReward: ValueAdapter = {
  file: "mmr5_rerank_reward",
  values: (inputs) => {
    const response = inputs["completion"] as string;
    const task = { positives: inputs["positive_ids"] as readonly number[], total: inputs["total"] as number };
    return { rerank_reward: rerankScore(response, task), format_reward: rerankFormat(response, task) };
  },
};
