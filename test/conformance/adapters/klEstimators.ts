import type { Adapter } from "../adapter.ts";
import { klOfPressure } from "./klOfPressure.ts";

/** The case's name is verl's name of the estimator. */
export const klEstimators: Adapter = {
  file: "kl_estimators",
  values: ({ logprob, ref_logprob: refLogprob, kl_penalty: named }, name) => ({
    kl: klOfPressure(logprob, refLogprob, { preset: "released:verl", kl: named ?? name }),
  }),
};
