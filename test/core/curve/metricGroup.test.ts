import { expect, test } from "vitest";
import { metricGroup, nameInGroup, overviewOf } from "../../../src/core/curve/metricGroup.ts";

test("a metric's section is what stands before the first slash", () => {
  expect(["critic/score/mean", "loss", "/odd", "val/"].map(metricGroup)).toEqual([
    "critic",
    "other",
    "other",
    "val",
  ]);
  expect(["critic/score/mean", "loss", "val/"].map(nameInGroup)).toEqual(["score/mean", "loss", "val/"]);
});

test.each([
  [
    "verl",
    [
      "timing_s/gen",
      "actor/entropy",
      "actor/grad_norm",
      "actor/pg_loss",
      "actor/kl_loss",
      "critic/score/mean",
      "critic/rewards/mean",
      "critic/rewards/max",
      "response_length/mean",
      "val-core/gsm8k/acc/mean@1",
    ],
    [
      "critic/rewards/mean",
      "critic/score/mean",
      "val-core/gsm8k/acc/mean@1",
      "response_length/mean",
      "actor/kl_loss",
      "actor/entropy",
      "actor/grad_norm",
      "actor/pg_loss",
    ],
  ],
  [
    "TRL",
    [
      "loss",
      "grad_norm",
      "learning_rate",
      "reward",
      "reward_std",
      "completions/mean_length",
      "kl",
      "entropy",
    ],
    ["reward", "completions/mean_length", "kl", "entropy", "grad_norm", "loss"],
  ],
  [
    "OpenRLHF",
    ["train/reward", "train/response_length", "train/kl", "train/policy_loss", "train/actor_lr"],
    ["train/reward", "train/response_length", "train/kl", "train/policy_loss"],
  ],
  [
    "prime-rl",
    [
      "train/agg/effective/agent/reward/mean",
      "optim/grad_norm",
      "entropy/all/mean",
      "mismatch_kl/all/mean",
      "seq_len/all/mean",
    ],
    [
      "train/agg/effective/agent/reward/mean",
      "seq_len/all/mean",
      "mismatch_kl/all/mean",
      "entropy/all/mean",
      "optim/grad_norm",
    ],
  ],
])("the overview of %s", (_, names, overview) => {
  expect(overviewOf(names)).toEqual(overview);
});
