import { makeBatch } from "../../../src/core/credit/engine.ts";
import { aggregations } from "../../../src/core/credit/primitives/lossWeight.ts";
import { type Adapter, member } from "../adapter.ts";
import { numberOf, rowsOf } from "../golden.ts";

/**
 * The case's name is, or begins with, the mode. A loss of each token is taken as its advantage, so that the sum of lane `pressure` is the
 * loss of the batch.
 */
export const aggLoss: Adapter = {
  file: "agg_loss",
  values: (inputs, name) => {
    const { loss_mat: losses, loss_mask: masks, loss_agg_mode: mode, loss_scale_factor: horizon } = inputs;
    const mask = rowsOf(masks);
    const members = rowsOf(losses).map((row, r) =>
      member({ group: null, mask: mask[r]!, columns: { advantages: row } }, r),
    );
    const pressure = makeBatch(members).pressure(
      "logged",
      {},
      {
        aggregation: mode ?? modeIn(name),
        horizon: horizon === undefined || horizon === null ? 0 : numberOf(horizon),
        kl: "none",
      },
    );
    const trained = members.flatMap((_, r) =>
      [...pressure.lane(r, "pressure")].filter((_x, t) => mask[r]![t] === 1),
    );
    // Means over no tokens are 0 / 0.
    if (trained.length === 0 && (mode ?? modeIn(name)) !== "token-sum") return { loss: NaN };
    return { loss: trained.reduce((sum, x) => sum + x, 0) };
  },
};

/** The longest mode that the name begins with. */
function modeIn(name: string): string {
  return (
    aggregations.filter((one) => name.startsWith(one)).toSorted((a, b) => b.length - a.length)[0] ?? name
  );
}
