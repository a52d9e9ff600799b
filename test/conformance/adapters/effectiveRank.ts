import { curvature, rankNumbers } from "../../../src/core/diagnostic/effectiveRank.ts";
import { matrixOf } from "../../../src/core/stats/singularValues.ts";
import type { ValueAdapter } from "../adapter.ts";
import { rowsOf } from "../golden.ts";

/** A Rényi order as close to 1 as 1.0001 loses three digits in the official code's single precision. */
export const effectiveRank: ValueAdapter = {
  file: "effective_rank",
  tolerance: { renyi_entropy_gram: 1e-3, renyi_entropy_covariance: 1e-3 },
  values: ({ hidden }) => {
    const states = matrixOf(rowsOf(hidden));
    const numbers = rankNumbers(states);
    return {
      effective_rank: numbers.effectiveRank,
      traditional_rank: numbers.traditionalRank,
      log_effective_rank: numbers.logEffectiveRank,
      renyi_entropy_gram: numbers.renyiEntropy,
      renyi_entropy_covariance: numbers.renyiEntropy,
      shannon_entropy_gram: numbers.shannonEntropy,
      shannon_entropy_covariance: numbers.shannonEntropy,
      curvature: curvature(states),
    };
  },
};
