import type { LaneInfo } from "./method.ts";
import type { Presets, Values } from "./parameter.ts";
import { klClamps, klEstimators } from "./primitives/kl.ts";
import { aggregations } from "./primitives/lossWeight.ts";

const params = {
  aggregation: {
    kind: "choice",
    choices: aggregations,
    default: "token-mean",
    doc: "how the tokens' losses become one: verl's loss_agg_mode",
  },
  horizon: {
    kind: "number",
    default: 0,
    min: 0,
    doc: "length that seq-mean-token-sum-norm divides by (Dr.GRPO's constant, verl's loss_scale_factor); 0 = the longest rollout of the batch",
  },
  kl: {
    kind: "choice",
    choices: ["none", ...klEstimators, "full"],
    default: "k3",
    doc: "estimator of the KL loss from log-probabilities; full: over the whole vocabulary, as logged in `tokens.kl` (its gradient is not known)",
  },
  klClamp: {
    kind: "choice",
    choices: klClamps,
    default: "verl",
    doc: "bounds of the estimate: verl (k3 alone), openrlhf (all, within ±10), none (TRL)",
  },
  beta: { kind: "number", default: 0.001, min: 0, doc: "weight of the KL loss" },
  policy: {
    kind: "choice",
    choices: ["auto", "old_logprobs", "logprobs"],
    default: "auto",
    doc: "log-probabilities of the policy: the trainer's `old_logprobs` where the log has them, else `logprobs`",
  },
  source: {
    kind: "text",
    default: "auto",
    doc: "log-probabilities: auto (logged, else the scorer's), logged, or a scorer's name",
  },
} as const;

const presets: Presets = {
  "released:verl": {},
  "released:openrlhf": { kl: "k1", klClamp: "openrlhf", beta: 0.01 },
  "released:drGrpoRepo": { aggregation: "seq-mean-token-sum-norm", kl: "none", beta: 0 },
};

/**
 * Token pressure, as `--set pressure.NAME=…` configures it: what an optimiser's first step does to the log-probability of
 * each token. With the policy still that of the rollouts (ratio 1, nothing clipped) and the train step taken as one
 * mini-batch, the gradient of the loss is −Σ w_t (A_t − β ∂KL_t/∂log π_t) ∇log π_t: the aggregation decides w, and so
 * how much a token of a long rollout counts.
 */
export const pressureSettings = { id: "pressure", params, presets } as const;

export type PressureParams = Values<typeof params>;

/** Every lane has one number a token, NaN where it is not trained on or where a signal is missing. */
export const pressureLanes = {
  advantage: { level: "token", kind: "base", doc: "the method's credit at the token" },
  lossWeight: { level: "token", kind: "weight", doc: "weight of the token in the loss, w" },
  pressure: { level: "token", doc: "w · A: push on the token's log-probability" },
  kl: { level: "token", doc: "estimate of the KL divergence from the reference policy, in nats" },
  klGradient: { level: "token", doc: "derivative of the KL estimate by the token's log-probability" },
  klPressure: {
    level: "token",
    kind: "component",
    doc: "−w · β · ∂KL/∂log π: push back to the reference policy",
  },
} as const satisfies Record<string, LaneInfo>;

export type PressureLane = keyof typeof pressureLanes;
