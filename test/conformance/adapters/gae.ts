import { type Adapter, verlMembers } from "../adapter.ts";

export const gae: Adapter = {
  file: "gae",
  members: verlMembers,
  lanes: ({ gamma, lam }) => {
    const lane = (name: string) =>
      ({
        method: "gae",
        params: { preset: "released:verl", gamma, lambda: lam },
        lane: name,
        shape: "positions",
      }) as const;
    return {
      advantages_whitened: lane("credit"),
      advantages_raw: lane("raw"),
      returns: lane("returns"),
    };
  },
};
