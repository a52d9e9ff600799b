import { type Adapter, member } from "../adapter.ts";
import { rowsOf } from "../golden.ts";
import { rowsOrNull } from "./primeRlooOriginal.ts";

/** Without auxiliary rewards the advantages stay as they are: the same as with rewards of 0. */
export const verlAdvantageShaping: Adapter = {
  file: "verl_advantage_shaping",
  members: ({ advantages, aux_rewards: bonuses, response_mask: masks }) => {
    const aux = rowsOrNull(bonuses);
    return rowsOf(advantages).map((row, r) =>
      member(
        {
          group: null,
          mask: masks === undefined ? row.map(() => 1) : rowsOf(masks)[r]!,
          columns: { advantages: row, aux_rewards: aux?.[r] ?? row.map(() => 0) },
        },
        r,
      ),
    );
  },
  lanes: ({ kappa }) => ({
    advantages: {
      method: "verlShaping",
      params: { preset: "released:verl", base: "logged", kappa: kappa ?? 2 },
      lane: "credit",
      shape: "positions",
    },
  }),
};
