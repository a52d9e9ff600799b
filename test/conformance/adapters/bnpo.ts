import { type Adapter, verlMembers } from "../adapter.ts";

export const bnpo: Adapter = {
  file: "bnpo",
  members: verlMembers,
  lanes({ min_value: minReward, max_value: maxReward }) {
    const range = { minReward: minReward ?? 0, maxReward: maxReward ?? 1 };
    const lane = (preset: string) =>
      ({ method: "bnpo", params: { preset, ...range }, lane: "credit", shape: "positions" }) as const;
    return {
      advantages: lane("released:bnpo"),
      advantages_torch_1_13: lane("released:bnpoTorch113"),
    };
  },
};
