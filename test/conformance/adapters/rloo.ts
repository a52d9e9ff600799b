import { type Adapter, verlMembers } from "../adapter.ts";

export const rloo: Adapter = {
  file: "rloo",
  members: verlMembers,
  lanes: () => ({
    advantages: { method: "rloo", params: { preset: "released:verl" }, lane: "credit", shape: "positions" },
    advantages_vectorized: {
      method: "rloo",
      params: { preset: "released:verlVectorized" },
      lane: "credit",
      shape: "positions",
    },
  }),
};
