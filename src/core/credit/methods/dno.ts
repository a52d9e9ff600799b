import { creditMethod } from "../method.ts";

/**
 * Direct Nash Optimization: without pointwise rewards, a response is worth how often it is preferred to the policy's other
 * responses.
 *
 * r(y) = E_{y' ~ π} P(y ≻ y') (arXiv:2404.03715), from the text, the expectation over the logged samples. `preferences` of
 * the trajectory are the probabilities that it is preferred: by the other rollouts' ids, or a list; missing ones are not
 * counted. Metric `preferenceCycles` shows the matrix and where it is not transitive.
 */
export const dno = creditMethod({
  id: "dno",
  label: "DNO win rate",
  doc: "Mean probability that the rollout is preferred to the others of its prompt (`preferences` of the trajectory).",
  paper: "https://arxiv.org/abs/2404.03715",
  math: String.raw`r(y) = \mathbb{E}_{y' \sim \pi}\, P(y \succ y')`,
  status: "text",
  level: "trajectory",
  comparesGroup: true,
  needs: ["trajectory.preferences[]"],
  params: {
    baseline: {
      kind: "choice",
      choices: ["none", "half"],
      default: "none",
      doc: "the win rate itself, or less ½, what a policy wins against itself",
    },
  },
  presets: { paper: {}, centered: { baseline: "half" } },
  lanes: {
    winRate: { level: "trajectory", doc: "mean probability of being preferred" },
    opponents: { level: "trajectory", doc: "number of rollouts that it was compared with" },
    shift: { level: "trajectory", doc: "baseline: 0 or ½" },
  },
  run(batch, { baseline }, { winRate, opponents, shift, credit }) {
    const { offsets, values } = batch["trajectory.preferences[]"];
    shift.fill(baseline === "half" ? 0.5 : 0);
    for (let r = 0; r < batch.nRollouts; r++) {
      const known = values.subarray(offsets[r], offsets[r + 1]).filter((p) => !Number.isNaN(p));
      opponents[r] = known.length;
      winRate[r] = known.reduce((sum, p) => sum + p, 0) / known.length;
      credit[r] = winRate[r]! - shift[r]!;
    }
  },
  formula: () => [
    { left: "r", symbols: "E P(y ≻ y') − b", numbers: "{winRate} − {shift}", equals: "credit" },
  ],
});
