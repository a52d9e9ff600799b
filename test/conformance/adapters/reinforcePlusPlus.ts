import { type Adapter, verlMembers } from "../adapter.ts";

export const reinforcePlusPlus: Adapter = {
  file: "reinforce_plus_plus",
  members: verlMembers,
  lanes: ({ gamma }) => {
    const lane = (preset: string, name: string) =>
      ({
        method: "reinforcePlusPlus",
        params: { preset, gamma: gamma ?? 1 },
        lane: name,
        shape: "positions",
      }) as const;
    return {
      advantages: lane("released:verl", "credit"),
      returns: lane("released:verl", "returns"),
      advantages_volcengine_reset: lane("released:verlOlder", "credit"),
      returns_volcengine_reset: lane("released:verlOlder", "returns"),
    };
  },
};
