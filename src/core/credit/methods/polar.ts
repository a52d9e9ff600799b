import { creditMethod } from "../method.ts";
import { appliedStatistics } from "../primitives/appliedStatistics.ts";
import { refineGroups } from "../primitives/refineGroups.ts";

/**
 * POLAR: a reward model that scores a candidate by how close its policy is to that of a reference trajectory. Scores have
 * no zero and no scale of their own: they compare only candidates of one prompt and one reference.
 *
 * Pre-Trained Policy Discriminators are General Reward Models (arXiv:2507.05197); InternLM/POLAR's input format was read,
 * no outputs were at hand. Reads `rm_score` of the trajectory and, where a group has several references, their number
 * `reference`.
 */
export const polar = creditMethod({
  id: "polar",
  label: "POLAR",
  doc: "A policy discriminator's score (`rm_score`), compared among the candidates that share prompt and reference trajectory (`reference`).",
  paper: "https://arxiv.org/abs/2507.05197",
  math: String.raw`A_i = s_i - \operatorname{mean}(s_{g, ref}) \quad (\div\, \operatorname{std} + \epsilon)`,
  status: "text",
  level: "trajectory",
  comparesGroup: true,
  needs: ["trajectory.rm_score"],
  uses: ["trajectory.reference"],
  params: {
    form: {
      kind: "choice",
      choices: ["normalized", "centered", "score"],
      default: "normalized",
      doc: "in standard deviations over those of the same reference, less their mean, or the score itself",
    },
    epsilon: { kind: "number", default: 1e-6, min: 0, doc: "added to the standard deviation" },
    singleton: {
      kind: "choice",
      choices: ["zero", "nan"],
      default: "zero",
      doc: "a candidate alone with its reference: 0, or none",
    },
  },
  presets: { paper: {}, centered: { form: "centered" }, score: { form: "score" } },
  lanes: {
    score: { level: "trajectory", doc: "score of the reward model" },
    mean: { level: "trajectory", doc: "mean score with the same reference" },
    std: { level: "trajectory", doc: "their standard deviation (n − 1)" },
  },
  run(batch, { form, epsilon, singleton }, { score, mean, std, credit }) {
    score.set(batch["trajectory.rm_score"]);
    const same = refineGroups(batch, batch["trajectory.reference"]!);
    const statistics = appliedStatistics(same, score, singleton);
    for (let r = 0; r < batch.nRollouts; r++) {
      mean[r] = statistics.mean[r]!;
      std[r] = Math.sqrt(statistics.variance[r]!);
      const above = statistics.count[r] === 1 && singleton === "nan" ? NaN : score[r]! - mean[r]!;
      credit[r] = { score: score[r]!, centered: above, normalized: above / (std[r]! + epsilon) }[form];
    }
  },
  formula: ({ form }) => [
    {
      score: { left: "A", symbols: "s", numbers: "{score}", equals: "credit" },
      centered: { left: "A", symbols: "s − mean", numbers: "{score} − {mean}", equals: "credit" },
      normalized: {
        left: "A",
        symbols: "(s − mean) / (std + ε)",
        numbers: "({score} − {mean}) / ({std} + {epsilon})",
        equals: "credit",
      },
    }[form],
  ],
});
