import { diagnostic } from "../diagnostic.ts";
import { compareRewards } from "../rewardComparison.ts";
import {
  canonicalDistance,
  directDistance,
  epicDistance,
  evenWeights,
  pearsonDistance,
} from "../rewardDistance.ts";

/** EPIC distance between reward functions. */
export const epic = diagnostic({
  id: "epic",
  label: "EPIC distance of rewards",
  doc: "How unlike two rewards are once shaping and scale are taken out, 0 to 1: √((1 − ρ)/2) of every two of the field `reward_tables` {name: [s][a][s′]}; without tables, of two numbers of turns over the logged transitions between states.",
  paper: "https://arxiv.org/abs/2006.13900",
  status: "code",
  scope: "run",
  needs: ["trajectory.reward_tables"],
  params: {
    form: {
      kind: "choice",
      choices: ["pearson", "canonical", "greedy"],
      default: "pearson",
      doc: "pearson of canonical tables, or the direct distance of scaled ones; greedy takes the best action's mean for the potential",
    },
    p: { kind: "number", default: 2, min: 1, doc: "power of the direct distance" },
    gamma: { kind: "number", default: 0.9, min: 0, max: 1, doc: "discount where the log holds none" },
    first: { kind: "text", default: "reward", doc: "number of turns: the first reward" },
    second: { kind: "text", default: "reward_model", doc: "number of turns: the second reward" },
    resamples: { kind: "number", whole: true, default: 200, min: 0, doc: "draws for the interval" },
  },
  presets: { "released:evaluatingRewards": {} },
  measure({ form, p, gamma, first, second, resamples }) {
    return compareRewards({
      kind: "epic",
      gamma,
      names: [first, second],
      resamples,
      tables(a, b, { discount }) {
        const used = Number.isNaN(discount) ? gamma : discount;
        const direct = { form: form === "greedy" ? "Greedy" : "EPIC", p } as const;
        const value = form === "pearson" ? epicDistance(a, b, used) : canonicalDistance(a, b, used, direct);
        const evidence = {
          form,
          discount: used,
          states: a.states,
          actions: a.actions,
          rawPearson: pearsonDistance(a.values, b.values, evenWeights(a)),
          rawDirect: directDistance(a.values, b.values, 2, evenWeights(a)),
        };
        return { value, evidence };
      },
    });
  },
});
