import { type Adapter, verlMembers } from "../adapter.ts";

export const reinforcePlusPlusBaseline: Adapter = {
  file: "reinforce_plus_plus_baseline",
  members: verlMembers,
  lanes: () => ({
    advantages: { method: "reinforcePlusPlusBaseline", params: {}, lane: "credit", shape: "positions" },
  }),
};
