import type { BatchShape } from "../columns.ts";

/**
 * How a trainer makes one loss of the tokens' losses. `token-mean`: over all trained tokens of the batch (verl's and
 * OpenRLHF's default, DAPO; TRL `bnpo`, `dapo`); `token-sum`; `seq-mean-token-sum`: mean over rollouts of their tokens' sum;
 * `seq-mean-token-sum-norm`: the same divided by one length for all (Dr.GRPO; TRL `dr_grpo`); `seq-mean-token-mean`: mean
 * over rollouts of their tokens' mean (GRPO's paper; TRL `grpo`), so that a token of a long rollout weighs less.
 */
export const aggregations = [
  "token-mean",
  "token-sum",
  "seq-mean-token-sum",
  "seq-mean-token-sum-norm",
  "seq-mean-token-mean",
] as const;
export type Aggregation = (typeof aggregations)[number];

/** Added to a rollout's number of tokens by the reference (`seq-mean-token-mean`). */
const countEpsilon = 1e-8;

/**
 * Weight of each position in the loss, so that loss = Σ weight · (loss of the token); 0 at mask 0. Rollouts without a
 * trained token do not count as sequences. verl `agg_loss`.
 * @param horizon the one length of `seq-mean-token-sum-norm`; 0 = positions of the longest rollout
 */
export function lossWeights(
  { nRollouts, positions, mask }: Pick<BatchShape, "nRollouts" | "positions" | "mask">,
  { aggregation, horizon }: { readonly aggregation: Aggregation; readonly horizon: number },
  weight: Float64Array,
): void {
  const trained = new Float64Array(nRollouts);
  let [tokens, sequences, longest] = [0, 0, 0];
  for (let r = 0; r < nRollouts; r++) {
    for (let t = positions[r]!; t < positions[r + 1]!; t++) trained[r]! += mask[t]!;
    tokens += trained[r]!;
    if (trained[r]! > 0) sequences++;
    longest = Math.max(longest, positions[r + 1]! - positions[r]!);
  }
  const length = horizon > 0 ? horizon : longest;
  for (let r = 0; r < nRollouts; r++) {
    const own = {
      "token-mean": 1 / tokens,
      "token-sum": 1,
      "seq-mean-token-sum": 1 / sequences,
      "seq-mean-token-sum-norm": 1 / (sequences * length),
      "seq-mean-token-mean": 1 / (sequences * (trained[r]! + countEpsilon)),
    }[aggregation];
    for (let t = positions[r]!; t < positions[r + 1]!; t++) weight[t] = mask[t] === 1 ? own : 0;
  }
}
