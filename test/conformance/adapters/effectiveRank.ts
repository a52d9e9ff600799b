import { curvature, rankNumbers } from "../../../src/core/diagnostic/effectiveRank.ts";
import { matrixOf } from "../../../src/core/stats/singularValues.ts";
import type { ValueAdapter } from "../adapter.ts";
import { rowsOf } from "../golden.ts";

/**
 * A Rényi order as close to 1 as 1.0001 loses three digits in the official code's single precision; so does the angle of
 * increments that are parallel, whose cosine of 1 − 6e-8 there is one of 0.0003.
 */
export const effectiveRank: ValueAdapter = {
  file: "effective_rank",
  tolerance: { renyi_entropy_gram: 1e-3, renyi_entropy_covariance: 1e-3, curvature: 1e-3 },
  values: ({ hidden }) => {
    const states = matrixOf(rowsOf(hidden));
    const numbers = rankNumbers(states);
    return {
      effective_rank: numbers.effectiveRank,
      traditional_rank: numbers.traditionalRank,
      log_effective_rank: numbers.logEffectiveRank,
      renyi_entropy_gram: numbers.renyiEntropy,
      renyi_entropy_covariance: numbers.renyiOfCovariance,
      shannon_entropy_gram: numbers.shannonEntropy,
      shannon_entropy_covariance: numbers.shannonOfCovariance,
      curvature: curvature(states),
    };
  },
};
