import { makeBatch } from "../../../src/core/credit/engine.ts";
import { type Adapter, type Inputs, member } from "../adapter.ts";
import { rowsOf } from "../golden.ts";

/** Both losses are batch lanes; the metrics are those that the release logs for each. */
export const covarianceTokens: Adapter = {
  file: "covariance_tokens",
  values: (inputs, name) => {
    const isKl = inputs["kl_cov_ratio"] !== undefined || name.startsWith("kl");
    const run = makeBatch(membersOf(inputs)).credit(
      "covarianceTokens",
      isKl ? klParams(inputs) : clipParams(inputs),
    );
    const lane = (one: string): number => run.lane(0, one)[0]!;
    return {
      loss: lane("meanLoss"),
      metrics: { "actor/ppo_kl": lane("approximateKl"), "actor/pg_clipfrac": lane("dropped") },
    };
  },
};

function membersOf({ old_log_prob: before, log_prob: now, advantages, response_mask: masks }: Inputs) {
  const [old, logprobs, mask] = [rowsOf(before), rowsOf(now), rowsOf(masks)];
  return rowsOf(advantages).map((row, r) =>
    member(
      {
        group: null,
        mask: mask[r]!,
        columns: { advantages: row, logprobs: logprobs[r]!, old_logprobs: old[r]! },
      },
      r,
    ),
  );
}

function clipParams(inputs: Inputs): Record<string, unknown> {
  return {
    preset: "released:clipCov",
    base: "logged",
    ratio: inputs["clip_cov_ratio"] ?? 0.0002,
    lower: inputs["clip_cov_lb"] ?? 1,
    upper: inputs["clip_cov_ub"] ?? 5,
    clipLow: inputs["clip_ratio_low"] ?? inputs["clip_ratio"] ?? 0.2,
    clipHigh: inputs["clip_ratio_high"] ?? inputs["clip_ratio"] ?? 0.2,
  };
}

function klParams(inputs: Inputs): Record<string, unknown> {
  return {
    preset: "released:klCov",
    base: "logged",
    ratio: inputs["kl_cov_ratio"] ?? 0.0002,
    beta: inputs["ppo_kl_coef"] ?? 1,
  };
}
