import { type Adapter, verlMembers } from "../adapter.ts";

export const opo: Adapter = {
  file: "opo",
  members: verlMembers,
  lanes: () => ({ advantages: { method: "opo", params: {}, lane: "credit", shape: "positions" } }),
};
