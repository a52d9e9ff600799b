import { type Adapter, member } from "../adapter.ts";
import { numberOf, rowsOf } from "../golden.ts";

/**
 * Groups are `num_samples` rows one after the other; rows have no tokens, so one stands for each. Rewards of tokens are
 * added up, as the official function does first.
 */
export const drGrpoOfficial: Adapter = {
  file: "dr_grpo_official",
  members({ rewards, num_samples: n }) {
    const rows = rowsOf(rewards);
    if (rows.length % numberOf(n) !== 0) throw new Error("rows do not fill their groups");
    return rows.map((row, r) => {
      const reward = row.reduce((a, b) => a + b, 0);
      return member({ group: `group ${Math.floor(r / numberOf(n))}`, mask: [1], reward }, r);
    });
  },
  lanes: ({ critic_type: critic }) => ({
    advantages:
      critic === "grpo"
        ? { method: "grpo", params: { preset: "released:drGrpoRepo" }, lane: "credit", shape: "own" }
        : { method: "drGrpo", params: {}, lane: "credit", shape: "own" },
  }),
};
