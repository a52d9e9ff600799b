import {
  afterBatch,
  type AuxiliarySettings,
  auxiliaryBonus,
  startAuxiliary,
} from "../../../src/core/diagnostic/auxiliaryReward.ts";
import type { Inputs, ValueAdapter } from "../adapter.ts";
import { numberOf, rowsOf } from "../golden.ts";

/** The indicators in the order the official code gives them weights in. */
const names = ["Effective Rank diff 2", "Effective Rank diff", "Effective Rank"];

export const verlAuxReward: ValueAdapter = {
  file: "verl_aux_reward",
  values: (inputs) => {
    const settings = settingsOf(inputs);
    const indicators = (inputs["indicators"] as readonly Readonly<Record<string, unknown>>[]).map(inOrder);
    const means = inOrder(inputs["batch_means"] as Readonly<Record<string, unknown>>);
    let state = startAuxiliary(names.length);
    const steps = rowsOf(inputs["scores_per_step"]).map((scores) => {
      const reward = scores.map((score, i) => score + auxiliaryBonus(indicators[i]!, state, settings));
      state = afterBatch(state, means, scores, settings.emaAlpha);
      const mids = Object.fromEntries(names.map((name, i) => [name, state.means[i]]));
      return { scores, reward, ema_performance: state.score, mids };
    });
    return { steps };
  },
};

function inOrder(record: Readonly<Record<string, unknown>>): readonly number[] {
  return names.map((name) => numberOf(record[name]));
}

function settingsOf(inputs: Inputs): AuxiliarySettings {
  return {
    plan: (inputs["hypothesis_type"] ?? "PlanB") as AuxiliarySettings["plan"],
    exploreWeights: (inputs["weights_explore"] as readonly unknown[]).map(numberOf),
    exploitWeights: (inputs["weights_exploit"] as readonly unknown[]).map(numberOf),
    gain: numberOf(inputs["modulation_gain"]),
    scale: numberOf(inputs["aux_reward_global_weight"]),
    fixedScale: inputs["aux_fix"] === true,
    emaAlpha: numberOf(inputs["ema_alpha"]),
  };
}
