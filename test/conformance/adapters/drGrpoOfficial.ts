import { type Adapter, member } from "../adapter.ts";
import { numberOf } from "../golden.ts";

/** Groups are `num_samples` rows one after the other; rows have no tokens, so one stands for each. */
export const drGrpoOfficial: Adapter = {
  file: "dr_grpo_official",
  members: ({ rewards, num_samples: n }) =>
    (rewards as readonly unknown[]).map((reward, r) =>
      member({ group: `group ${Math.floor(r / numberOf(n))}`, mask: [1], reward: numberOf(reward) }, r),
    ),
  lanes: ({ critic_type: critic }) => ({
    advantages:
      critic === "grpo"
        ? { method: "grpo", params: { preset: "released:drGrpoRepo" }, lane: "credit", shape: "own" }
        : { method: "drGrpo", params: {}, lane: "credit", shape: "own" },
  }),
};
