import { creditMethod } from "../method.ts";
import { shares, spread } from "../primitives/redistribute.ts";
import { atSteps, unitOffsets, units } from "../primitives/units.ts";

/**
 * The outcome in equal parts. A construction of this project: what a redistribution is to be compared
 * with. Text between the steps gets none; a turn's share stands at each of its steps.
 */
export const uniform = creditMethod({
  id: "uniform",
  label: "Uniform share",
  doc: "The outcome in equal parts, one a step (or a turn): the baseline of every redistribution.",
  paper: "https://arxiv.org/abs/2111.13485",
  math: String.raw`r_k = R / n`,
  status: "own",
  level: "step",
  comparesGroup: false,
  needs: ["reward", "stepText"],
  params: {
    unit: {
      kind: "choice",
      choices: units,
      default: "step",
      doc: "spread over the steps, or over the policy's turns",
    },
  },
  presets: { step: {}, turn: { unit: "turn" } },
  lanes: {
    reward: { level: "trajectory", doc: "outcome reward" },
    share: { level: "step", doc: "1 / n" },
  },
  run(batch, { unit }, { reward, share, credit }) {
    reward.set(batch.reward);
    const offsets = unitOffsets(batch, unit);
    const factor = new Float64Array(offsets.at(-1)!);
    shares(offsets, factor.fill(1), NaN, factor);
    const rewards = new Float64Array(factor.length);
    spread(offsets, reward, factor, rewards);
    atSteps(batch, factor, unit, share);
    atSteps(batch, rewards, unit, credit);
  },
  formula: () => [{ left: "r", symbols: "R · 1/n", numbers: "{reward} · {share}", equals: "credit" }],
});
