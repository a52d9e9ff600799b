import { diagnostic } from "../diagnostic.ts";
import { compareRewards } from "../rewardComparison.ts";
import { normNames, starcDistance } from "../rewardDistance.ts";

/** STARC distances between reward functions. */
export const starc = diagnostic({
  id: "starc",
  label: "STARC distance of rewards",
  doc: "How differently two rewards order policies, 0 (alike but for scale and shaping) to 2 (opposite): every two of the field `reward_tables` {name: [s][a][s′]} with `transition` and `discount`; without tables, two numbers of turns over the logged transitions between states.",
  paper: "https://arxiv.org/abs/2309.15257",
  status: "code",
  scope: "run",
  needs: ["trajectory.reward_tables", "trajectory.transition"],
  params: {
    form: {
      kind: "choice",
      choices: ["Value", "ValuePotential", "EPIC", "DARD", "None"],
      default: "Value",
      doc: "how shaping is taken out of tables",
    },
    norm: { kind: "choice", choices: normNames, default: "2", doc: "norm that rewards are divided by" },
    distance: { kind: "choice", choices: normNames, default: "2", doc: "norm of the difference" },
    zero: {
      kind: "choice",
      choices: ["keep", "nan"],
      default: "keep",
      doc: "a reward that is nothing but shaping: stays 0, or gives no number as in the release's DARD",
    },
    gamma: { kind: "number", default: 0.9, min: 0, max: 1, doc: "discount where the log holds none" },
    first: { kind: "text", default: "reward", doc: "number of turns: the first reward" },
    second: { kind: "text", default: "reward_model", doc: "number of turns: the second reward" },
    resamples: { kind: "number", whole: true, default: 200, min: 0, doc: "draws for the interval" },
  },
  presets: {
    "released:starc": {},
    "released:epic": { form: "EPIC" },
    "released:dard": { form: "DARD", zero: "nan" },
  },
  measure({ gamma, first, second, resamples, ...settings }) {
    return compareRewards({
      kind: "starc",
      gamma,
      names: [first, second],
      resamples,
      tables(a, b, { transition, discount }) {
        if (transition === null && settings.form !== "EPIC" && settings.form !== "None") return null;
        const used = Number.isNaN(discount) ? gamma : discount;
        const dynamics = {
          transition: transition ?? new Float64Array(a.values.length).fill(1 / a.states),
          discount: used,
        };
        const value = starcDistance(a, b, dynamics, settings);
        return {
          value,
          evidence: { form: settings.form, norm: settings.norm, discount: used, states: a.states },
        };
      },
    });
  },
});
