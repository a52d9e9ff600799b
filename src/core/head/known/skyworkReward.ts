import type { KnownModel } from "../knownModel.ts";

/**
 * Skywork-Reward and Skywork-Reward-V2: one number for a chat, at its last token
 * (https://huggingface.co/Skywork/Skywork-Reward-V2-Qwen3-8B, arXiv:2507.01352).
 */
export const skyworkReward: KnownModel = {
  name: "Skywork-Reward",
  names: /skywork-reward/i,
  architectures: [],
  fragment: () => ({
    head: "sequence",
    // Those on Qwen3 were trained on answers whose <think> is one token.
    template: { chat: true, eachTurn: ["{content}"], addedTokens: "vocabulary" },
    read: { at: "last" },
    "output.transform": "identity",
    "output.index": 0,
  }),
};
