import { type RankMetric, rankDifferences } from "../../../src/core/diagnostic/rankVelocity.ts";
import { matrixOf } from "../../../src/core/stats/singularValues.ts";
import type { ValueAdapter } from "../adapter.ts";
import { numberOf, rowsOf } from "../golden.ts";

/**
 * The fast path of the official code takes square roots of eigenvalues that should be 0 and are rounding noise in single
 * precision: what they add depends on the machine, by up to 0.006 in the cases here.
 */
export const effectiveRankVelocityAcceleration: ValueAdapter = {
  file: "effective_rank_velocity_acceleration",
  tolerance: { original: 1e-3, optimized: 1e-2 },
  values: ({ hidden, max_seq_len: maxLength, stride, metrics }) => {
    const states = matrixOf(rowsOf(hidden));
    const by = (path: "exact" | "released"): Record<string, readonly number[]> =>
      Object.fromEntries(
        (metrics as readonly RankMetric[]).flatMap((metric) => {
          const windows = { stride: numberOf(stride), maxLength: numberOf(maxLength), path };
          const { velocity, acceleration } = rankDifferences(states, metric, windows);
          return [
            [`${metric} diff`, velocity],
            [`${metric} diff 2`, acceleration],
          ];
        }),
      );
    return { original: by("exact"), optimized: by("released") };
  },
};
