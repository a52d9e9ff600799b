import { type Adapter, verlMembers } from "../adapter.ts";

export const gpg: Adapter = {
  file: "gpg",
  members: verlMembers,
  lanes: ({ f_norm: fNorm }) => ({
    advantages: { method: "gpg", params: { fNorm: fNorm ?? 1 }, lane: "credit", shape: "positions" },
  }),
};
