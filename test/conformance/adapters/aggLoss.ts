import { makeBatch } from "../../../src/core/credit/engine.ts";
import { type Adapter, member } from "../adapter.ts";
import { numberOf, rowsOf } from "../golden.ts";

/**
 * The case's name is the mode. A loss of each token is taken as its advantage, so that the sum of lane `pressure` is the
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
        aggregation: mode ?? name,
        horizon: horizon === undefined || horizon === null ? 0 : numberOf(horizon),
        kl: "none",
      },
    );
    const trained = members.flatMap((_, r) =>
      [...pressure.lane(r, "pressure")].filter((_x, t) => mask[r]![t] === 1),
    );
    return { loss: trained.reduce((sum, x) => sum + x, 0) };
  },
};
