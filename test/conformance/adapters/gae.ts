import { type Adapter, verlMembers } from "../adapter.ts";

export const gae: Adapter = {
  file: "gae",
  members: verlMembers,
  lanes: ({ gamma, lam }) => {
    const lane = (name: string, stage: string) =>
      ({
        method: "gae",
        params: { preset: "released:verl", gamma, lambda: lam, stage },
        lane: name,
        shape: "positions",
      }) as const;
    return {
      advantages_whitened: lane("credit", "whitened"),
      advantages_raw: lane("credit", "raw"),
      returns: lane("returns", "whitened"),
    };
  },
};
