import { ellipticalBonuses } from "../../../src/core/diagnostic/explorationBonus.ts";
import type { ValueAdapter } from "../adapter.ts";
import { numberOf, rowsOf } from "../golden.ts";

export const e3bEllipticalBonus: ValueAdapter = {
  file: "e3b_elliptical_bonus",
  values: ({ features, dones, ridge }) => ({
    bonus: (features as readonly unknown[]).map((rows, env) => [
      ...ellipticalBonuses(
        rowsOf(rows),
        rowsOf(dones)[env]!.map((done) => done !== 0),
        { ridge: numberOf(ridge) },
      ),
    ]),
  }),
};
