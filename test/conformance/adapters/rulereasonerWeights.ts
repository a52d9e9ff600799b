import {
  bufferWeights,
  type Decay,
  type DomainReward,
  SmoothedDomains,
} from "../../../src/core/diagnostic/domainSampling.ts";
import type { Inputs, ValueAdapter } from "../adapter.ts";
import { numberOf } from "../golden.ts";

const decays: Readonly<Record<string, Decay>> = {
  null: "none",
  undefined: "none",
  harmonic_series: "harmonic",
  geometric_series: "geometric",
};

/** `buffer`: the version with a buffer of batches; `batches_in_order`: the one with smoothed means. */
export const rulereasonerWeights: ValueAdapter = {
  file: "rulereasoner_weights",
  values: (inputs) => ("batches_in_order" in inputs ? smoothed(inputs) : buffered(inputs)),
};

function buffered(inputs: Inputs): Readonly<Record<string, unknown>> {
  const weights = bufferWeights(batchesOf(inputs["buffer"]), {
    ...settingsOf(inputs),
    decay: decayOf(inputs["decay"]),
    bufferSize: numberOf(inputs["reward_buffer_size"]),
  });
  return { weights: Object.fromEntries(weights) };
}

function decayOf(name: unknown): Decay {
  const decay = decays[String(name)];
  if (decay === undefined) throw new RangeError(`no decay "${String(name)}"`);
  return decay;
}

function smoothed(inputs: Inputs): Readonly<Record<string, unknown>> {
  const domains = new SmoothedDomains(numberOf(inputs["alpha"]));
  const settings = settingsOf(inputs);
  const weights = batchesOf(inputs["batches_in_order"]).map((batch) =>
    Object.fromEntries(domains.weights(batch, settings)),
  );
  return { weights_per_batch: weights, history: Object.fromEntries(domains.means) };
}

function batchesOf(batches: unknown): readonly (readonly DomainReward[])[] {
  return (batches as readonly (readonly Readonly<Record<string, unknown>>[])[]).map((batch) =>
    batch.map((item) => ({ domain: String(item["data_source"]), reward: numberOf(item["rewards"]) })),
  );
}

function settingsOf({ tau, epsilon, target_reward_base: target }: Inputs) {
  return { tau: numberOf(tau), epsilon: numberOf(epsilon), target: numberOf(target) };
}
