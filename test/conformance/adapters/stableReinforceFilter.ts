import { type Adapter, member } from "../adapter.ts";
import { rowsOf } from "../golden.ts";

/** Without a mask every position counts. Lanes of the batch are asked of its first row. */
export const stableReinforceFilter: Adapter = {
  file: "stable_reinforce_filter",
  members: ({ advantages, action_mask: masks }) => {
    const rows = rowsOf(advantages);
    const mask = Array.isArray(masks) ? rowsOf(masks) : rows.map((row) => row.map(() => 1));
    return rows.map((row, r) => member({ group: null, mask: mask[r]!, columns: { advantages: row } }, r));
  },
  lanes: () => {
    const params = { base: "logged", nonFinite: "zero" };
    const lane = (name: string, shape: "positions" | "own") =>
      ({ method: "stableReinforce", params, lane: name, shape }) as const;
    return { normalized: lane("credit", "positions"), mean: lane("mean", "own"), rstd: lane("rstd", "own") };
  },
};
