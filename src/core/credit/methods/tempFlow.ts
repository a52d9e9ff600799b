import { creditMethod } from "../method.ts";
import { branchesByMark, branchesByPath, branchValues, noiseWeights } from "../primitives/branches.ts";
import { keyedMoments } from "../primitives/keyedMoments.ts";
import { rolloutOfTurns } from "../primitives/stateGroups.ts";

/**
 * TempFlow-GRPO: rollouts part at one step; the outcome of a branch is the reward of that step, compared with the other branches
 * of the same start, and weighted by how much noise the step had.
 *
 * He et al. (arXiv:2508.04324), from the text: there is no code. A turn is a denoising step with `sigma` and `dt`. The paper
 * compares branches of the same prompt and initial noise (`seed`). Branches are found by the turns that rollouts share (the
 * leaves of a branching trace), where a branch is worth the mean of the leaves behind it, or by the mark `branch` on the turn
 * that was sampled. Turns at no branch point are deterministic and get 0; a rollout that passes none has no credit.
 */
export const tempFlow = creditMethod({
  id: "tempFlow",
  label: "TempFlow-GRPO",
  doc: "Credit only at the turns where rollouts part: the branch's outcome against the other branches, weighted by the turn's noise (`sigma`, `dt`).",
  paper: "https://arxiv.org/abs/2508.04324",
  math: String.raw`A_k = w_k \frac{R_k - \operatorname{mean}(R_{\mathrm{branches}})}{\operatorname{std}(R_{\mathrm{branches}}) + \epsilon}, \qquad w_k = \frac{\sigma_k \sqrt{\Delta t_k}}{\operatorname{mean}_j \sigma_j \sqrt{\Delta t_j}}`,
  status: "text",
  level: "turn",
  comparesGroup: true,
  needs: ["reward"],
  uses: ["turnPath", "turn.branch", "trajectory.seed", "turn.sigma", "turn.dt"],
  alsoNeeds: ({ branches, weights }) => [
    branches === "links" ? ("turnPath" as const) : ("turn.branch" as const),
    ...(weights === "noise" ? (["turn.sigma", "turn.dt"] as const) : []),
  ],
  params: {
    branches: {
      kind: "choice",
      choices: ["links", "logged"],
      default: "links",
      doc: "where rollouts of the same prompt and `seed` part: by the turns they share, or at the turns marked `branch`: 1",
    },
    compare: {
      kind: "choice",
      choices: ["seed", "step"],
      default: "seed",
      doc: "marked branches are compared within prompt and seed, or also within the place of the branch",
    },
    weights: {
      kind: "choice",
      choices: ["noise", "none"],
      default: "noise",
      doc: "σ√Δt of the turn over the rollout's mean of it, or 1",
    },
    normalizeByStd: { kind: "boolean", default: true, doc: "divide by the branches' standard deviation" },
    epsilon: { kind: "number", default: 1e-6, min: 0, doc: "added to the standard deviation" },
    singleton: {
      kind: "choice",
      choices: ["zero", "nan", "raw"],
      default: "zero",
      doc: "a marked branch with nothing to compare with: 0, none, or its raw outcome",
    },
  },
  presets: { paper: {}, "paper:logged": { branches: "logged" }, unweighted: { weights: "none" } },
  lanes: {
    outcome: { level: "turn", doc: "mean outcome of the rollouts behind the branch" },
    mean: { level: "turn", doc: "mean outcome of the rollouts that pass the branch point" },
    std: { level: "turn", doc: "their standard deviation (n − 1)" },
    size: { level: "turn", doc: "their number; 0 at no branch point" },
    noise: { level: "turn", doc: "σ√Δt" },
    weight: { level: "turn", kind: "weight", doc: "noise of the turn over the rollout's mean noise" },
    plain: { level: "turn", kind: "base", doc: "advantage of the branch before weighting" },
  },
  run(batch, params, { outcome, mean, std, size, noise, weight, plain, credit }) {
    const rollout = rolloutOfTurns(batch);
    const reward = Float64Array.from(rollout, (r) => batch.reward[r]!);
    const seed = batch["trajectory.seed"];
    const found =
      params.branches === "links"
        ? branchesByPath(batch, batch.turnPath!, seed)
        : branchesByMark(batch, batch["turn.branch"]!, {
            seed,
            byStep: params.compare === "step",
          });
    branchValues(found, reward, outcome);
    keyedMoments(found, reward, params.singleton, { mean, variance: std, size });
    for (let u = 0; u < noise.length; u++)
      noise[u] = params.weights === "noise" ? batch["turn.sigma"]![u]! * Math.sqrt(batch["turn.dt"]![u]!) : 1;
    noiseWeights(batch, noise, weight);
    const passes = new Uint8Array(batch.nRollouts);
    rollout.forEach((r, u) => (passes[r]! |= found.key[u]! < 0 ? 0 : 1));
    rollout.forEach((r, u) => {
      if (found.key[u]! < 0) {
        // A deterministic turn: nothing was sampled, so nothing is credited.
        size[u] = outcome[u] = mean[u] = std[u] = 0;
        plain[u] = passes[r] === 1 ? 0 : NaN;
      } else {
        std[u] = Math.sqrt(std[u]!);
        plain[u] = (outcome[u]! - mean[u]!) / (params.normalizeByStd ? std[u]! + params.epsilon : 1);
      }
      credit[u] = passes[r] === 1 && size[u] === 0 ? 0 : weight[u]! * plain[u]!;
    });
  },
  formula: () => [{ left: "A", symbols: "w · A⁰", numbers: "{weight} · {plain}", equals: "credit" }],
});
