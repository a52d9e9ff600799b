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

function planOf(name: unknown): AuxiliarySettings["plan"] {
  if (name === "PlanB" || name === "FixTwo" || name === "FixOne") return name;
  throw new RangeError(`no plan "${String(name)}"`);
}

/** What a case leaves out is the official default. */
function settingsOf(inputs: Inputs): AuxiliarySettings {
  return {
    plan: planOf(inputs["hypothesis_type"] ?? "PlanB"),
    exploreWeights: rowsOf(inputs["weights_explore"] ?? [0, 0, 1]).flat(),
    exploitWeights: rowsOf(inputs["weights_exploit"] ?? [0, 1, 0]).flat(),
    gain: numberOf(inputs["modulation_gain"] ?? 1.5),
    scale: numberOf(inputs["aux_reward_global_weight"] ?? 1),
    fixedScale: inputs["aux_fix"] === true,
    emaAlpha: numberOf(inputs["ema_alpha"] ?? 0.7),
  };
}
