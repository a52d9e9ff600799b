import { type Adapter, member, stepsAt } from "../adapter.ts";
import { rowsOf } from "../golden.ts";

const forms = new Map<unknown, string>([
  [undefined, "sumReleased"],
  ["sum", "sumReleased"],
  ["min", "strictReleased"],
]);

/** Every token is a step, as a matrix entry of 0 counts; the product reads r as p = (r + 1) / 2. */
export const pureRlooSumMin: Adapter = {
  file: "pure_rloo_sum_min",
  members: ({ token_level_rewards: rewards, eos_mask: masks, index }) => {
    const mask = rowsOf(masks);
    return rowsOf(rewards).map((row, r) =>
      member(
        {
          group: String((index as readonly unknown[])[r]),
          mask: mask[r]!,
          steps: stepsAt(
            row.map(() => 1),
            row.map((x) => (x + 1) / 2),
          ),
        },
        r,
      ),
    );
  },
  lanes: ({ return_aggregate_method: aggregate, adv_norm: whiten }) => {
    const form = forms.get(aggregate);
    const params = { form, baseline: "matrix", whiten: whiten ?? false };
    return {
      advantages: { method: "pure", params, lane: "advantages", shape: "positions" },
      returns: { method: "pure", params, lane: "returns", shape: "positions" },
    };
  },
};
