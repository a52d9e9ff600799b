import { type Adapter, verlMembers } from "../adapter.ts";

export const biLevelGae: Adapter = {
  file: "bi_level_gae",
  members: verlMembers,
  lanes: ({ gamma, lam, high_level_gamma: turnGamma }) => {
    const lane = (name: string) =>
      ({
        method: "biLevelGae",
        params: { preset: "released:ragen", gamma, lambda: lam, turnGamma },
        lane: name,
        shape: "own",
      }) as const;
    return { advantages_whitened: lane("credit"), returns: lane("returns") };
  },
};
