import type { Adapter } from "../adapter.ts";
import { klOfPressure } from "./klOfPressure.ts";

export const openrlhfKl: Adapter = {
  file: "openrlhf_kl",
  values: ({ log_probs: logprobs, log_probs_base: base, kl_estimator: kl = "k1" }) => ({
    kl: klOfPressure(logprobs, base, { preset: "released:openrlhf", kl }),
  }),
};
