import { creditMethod } from "../method.ts";
import { wholeBatch } from "../primitives/appliedStatistics.ts";
import { addLanes, normalizeApplied, sumApplied, weighted } from "../primitives/rewardTerms.ts";
import { whiten } from "../primitives/whiten.ts";

/**
 * Decoupled normalisation: each component of the reward is normalised on its own, then they are added up with weights
 * and whitened over all trained tokens of the batch.
 *
 * GDPO (arXiv:2601.05242); verl `compute_gdpo_outcome_advantage`, where each component is normalised as in GRPO. A
 * component that does not apply to a rollout is left out of its group's statistics and adds nothing (TRL's rule; verl
 * wants all of them). Preset `slim` is SLIM's idea (several critics, arXiv:2402.00823), from the text: advantages are
 * normalised over the batch for each component and then blended; without its critics' values a component stands for its
 * return.
 */
export const gdpo = creditMethod({
  id: "gdpo",
  label: "GDPO",
  doc: "Each component of the reward normalised on its own, then added up: a loud component does not drown the others.",
  paper: "https://arxiv.org/abs/2601.05242",
  math: String.raw`A_i = \operatorname{whiten}\Bigl(\sum_k w_k \frac{r_{i,k} - \operatorname{mean}(r_{g,k})}{\operatorname{std}(r_{g,k}) + \epsilon}\Bigr)`,
  status: "code",
  level: "token",
  comparesGroup: true,
  needs: ["mask", "components"],
  params: {
    weights: {
      kind: "numbers",
      default: {},
      doc: "weights of the components by name; those without one weigh 1",
    },
    over: {
      kind: "choice",
      choices: ["group", "batch"],
      default: "group",
      doc: "whose mean and standard deviation normalise a component",
    },
    normalizeByStd: { kind: "boolean", default: true, doc: "divide each component by its deviation" },
    epsilon: { kind: "number", default: 1e-6, min: 0, doc: "added to the standard deviation" },
    singleton: {
      kind: "choice",
      choices: ["raw", "zero", "nan"],
      default: "raw",
      doc: "a group of one: its raw component, 0, or none",
    },
    whiten: { kind: "boolean", default: true, doc: "whiten the sum over the batch's trained tokens" },
  },
  presets: { "released:verl": {}, slim: { over: "batch", whiten: false } },
  lanes: {
    sum: { level: "trajectory", doc: "weighted sum of the normalised components" },
    mean: { level: "batch", doc: "mean of the sum over the batch's trained tokens" },
    variance: { level: "batch", doc: "variance of it (n − 1)" },
  },
  run(batch, params, { add, warn, sum, mean, variance, credit }) {
    const { names, values } = batch.components;
    const groups = params.over === "batch" ? wholeBatch(batch) : batch;
    const normalized = values.map((x) => normalizeApplied(groups, x, params));
    const terms = weighted({ names, values: normalized }, params.weights);
    addLanes(terms, add, "weight times the normalised component");
    sumApplied(terms, batch.components, sum);
    const counted = Uint8Array.from(batch.mask);
    for (let r = 0; r < batch.nRollouts; r++) {
      const [from, to] = [batch.positions[r], batch.positions[r + 1]];
      credit.fill(sum[r]!, from, to);
      if (Number.isNaN(sum[r]!)) counted.fill(0, from, to);
    }
    if (params.whiten) {
      const moments = whiten(credit, counted, credit);
      if (moments.n < 2) warn("few-tokens");
      mean[0] = moments.mean;
      variance[0] = moments.variance;
    }
    for (let t = 0; t < credit.length; t++) credit[t]! *= batch.mask[t]!;
  },
  formula: (params) => [
    params.whiten
      ? {
          left: "A",
          symbols: "(Σ − mean) / √(var + 1e-8)",
          numbers: "({sum} − {mean}) / √({variance} + 1e-8)",
          equals: "credit",
        }
      : { left: "A", symbols: "Σ of the normalised components", numbers: "{sum}", equals: "credit" },
  ],
});
