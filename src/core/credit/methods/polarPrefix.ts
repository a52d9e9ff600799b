import { creditMethod } from "../method.ts";

/**
 * POLAR on prefixes: a step is credited with what it adds to the score of the text so far, compared with the same
 * reference. The steps sum to the last score less the first.
 *
 * A potential difference over POLAR (arXiv:2507.05197) scores; the use on prefixes is this project's. Reads `rm_score` of
 * the steps (of the text up to the step's end) and `rm_score_start` of the trajectory (of no text); without that the first
 * step has none, unless `start` says 0.
 */
export const polarPrefix = creditMethod({
  id: "polarPrefix",
  label: "POLAR prefixes",
  doc: "What each step adds to a reward model's score of the text so far (`rm_score` of the steps).",
  paper: "https://arxiv.org/abs/2507.05197",
  math: String.raw`A_k = s(y_{\le k}) - s(y_{<k})`,
  status: "own",
  level: "step",
  comparesGroup: false,
  needs: ["step.rm_score"],
  uses: ["trajectory.rm_score_start"],
  params: {
    start: {
      kind: "choice",
      choices: ["logged", "zero"],
      default: "logged",
      doc: "score of no text: `rm_score_start` of the trajectory, or 0",
    },
    source: {
      kind: "text",
      default: "auto",
      doc: "step scores: auto (logged, else the scorer's), logged, or a scorer's name",
    },
  },
  presets: { default: {}, zero: { start: "zero" } },
  lanes: {
    score: { level: "step", doc: "score of the text up to the step's end" },
    before: { level: "step", doc: "score of the text before the step" },
  },
  run(batch, { start }, { score, before, credit }) {
    score.set(batch["step.rm_score"]);
    for (let r = 0; r < batch.nRollouts; r++) {
      const first = start === "zero" ? 0 : batch["trajectory.rm_score_start"]![r]!;
      for (let k = batch.steps[r]!; k < batch.steps[r + 1]!; k++) {
        before[k] = k === batch.steps[r] ? first : score[k - 1]!;
        credit[k] = score[k]! - before[k]!;
      }
    }
  },
  formula: () => [{ left: "A", symbols: "s(y≤k) − s(y<k)", numbers: "{score} − {before}", equals: "credit" }],
});
