import { creditMethod } from "../method.ts";
import { shares, spread } from "../primitives/redistribute.ts";
import { atSteps, unitOffsets, units, unitTokens } from "../primitives/units.ts";

/**
 * The outcome by number of trained tokens. A construction of this project: what a redistribution is to be compared
 * with. Text between the steps gets none; a turn's share stands at each of its steps.
 */
export const lengthShare = creditMethod({
  id: "lengthShare",
  label: "Length share",
  doc: "The outcome in parts as large as the share of trained tokens, one a step (or a turn).",
  paper: "https://arxiv.org/abs/2111.13485",
  math: String.raw`r_k = R \, T_k / \sum_j T_j`,
  status: "own",
  level: "step",
  comparesGroup: false,
  needs: ["reward", "mask", "stepText"],
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
    share: { level: "step", doc: "its part of the trained tokens" },
  },
  run(batch, { unit }, { reward, share, credit }) {
    reward.set(batch.reward);
    const offsets = unitOffsets(batch, unit);
    const factor = new Float64Array(offsets.at(-1)!);
    shares(offsets, unitTokens(batch, unit), NaN, factor);
    const rewards = new Float64Array(factor.length);
    spread(offsets, reward, factor, rewards);
    atSteps(batch, factor, unit, share);
    atSteps(batch, rewards, unit, credit);
  },
  formula: () => [{ left: "r", symbols: "R · T / ΣT", numbers: "{reward} · {share}", equals: "credit" }],
});
