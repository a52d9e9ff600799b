import { creditMethod } from "../method.ts";
import { recencies, spread } from "../primitives/redistribute.ts";
import { atSteps, unitOffsets, units } from "../primitives/units.ts";

/**
 * The outcome, less by a factor for each step that follows. A construction of this project: what a redistribution is to be compared
 * with. Text between the steps gets none; a turn's share stands at each of its steps.
 */
export const recency = creditMethod({
  id: "recency",
  label: "Recency",
  doc: "The outcome, discounted by how many steps (or turns) follow: late ones get more. The parts do not sum to it.",
  paper: "https://arxiv.org/abs/2111.13485",
  math: String.raw`r_k = R \, \gamma^{\,n-1-k}`,
  status: "own",
  level: "step",
  comparesGroup: false,
  needs: ["reward", "stepText"],
  params: {
    gamma: { kind: "number", default: 0.9, min: 0, max: 1, doc: "discount a step or turn" },
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
    share: { level: "step", doc: "γ to the number of those that follow" },
  },
  run(batch, { gamma, unit }, { reward, share, credit }) {
    reward.set(batch.reward);
    const offsets = unitOffsets(batch, unit);
    const factor = new Float64Array(offsets.at(-1)!);
    recencies(offsets, gamma, factor);
    const rewards = new Float64Array(factor.length);
    spread(offsets, reward, factor, rewards);
    atSteps(batch, factor, unit, share);
    atSteps(batch, rewards, unit, credit);
  },
  formula: () => [{ left: "r", symbols: "R · γⁿ⁻¹⁻ᵏ", numbers: "{reward} · {share}", equals: "credit" }],
});
