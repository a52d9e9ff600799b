import { pearson } from "../../stats/correlation.ts";
import { creditMethod } from "../method.ts";

/**
 * T-REG: a token's reward is how much likelier it is under a prompt that asks for a better answer than under one that asks
 * for a worse one, squashed to [−1/2, 1/2].
 *
 * Zhou et al. (arXiv:2412.02685). Besides, on request, the implicit reward of DPO at each token and its correlation with the
 * token reward over the rollout.
 */
export const tReg = creditMethod({
  id: "tReg",
  label: "T-REG",
  doc: "Token rewards from two contrasting prompts: σ(log π under the better − log π under the worse) − ½. Needs the response's log-probabilities under both.",
  paper: "https://arxiv.org/abs/2412.02685",
  math: String.raw`\hat r_t = \sigma\left(\log \frac{\pi(y_t \mid x_{better}, y_{<t})}{\pi(y_t \mid x_{worse}, y_{<t})}\right) - \tfrac{1}{2}`,
  status: "text",
  level: "token",
  comparesGroup: false,
  needs: ["mask", "token.better_logprobs", "token.worse_logprobs"],
  uses: ["token.logprobs", "token.ref_logprobs"],
  alsoNeeds: ({ compare }) => (compare ? ["token.logprobs", "token.ref_logprobs"] : []),
  params: {
    compare: {
      kind: "boolean",
      default: false,
      doc: "also the implicit reward of DPO, β(log π − log π_ref), and its correlation with the token reward",
    },
    beta: { kind: "number", default: 0.1, min: 0, doc: "of the implicit reward" },
  },
  presets: { paper: {} },
  lanes: {
    ratio: { level: "token", doc: "log-probability under the better prompt minus that under the worse" },
    odds: { level: "token", doc: "probability under the worse prompt over that under the better" },
    implicit: { level: "token", doc: "implicit reward of DPO" },
    correlation: {
      level: "trajectory",
      doc: "correlation of token reward and implicit reward over the trained tokens",
    },
  },
  run(batch, { compare, beta }, { ratio, odds, implicit, correlation, credit }) {
    const { mask, positions } = batch;
    for (let t = 0; t < credit.length; t++) {
      ratio[t] = batch["token.better_logprobs"][t]! - batch["token.worse_logprobs"][t]!;
      odds[t] = Math.exp(-ratio[t]!);
      credit[t] = mask[t] === 1 ? 1 / (1 + odds[t]!) - 0.5 : 0;
    }
    const own = batch["token.logprobs"];
    const reference = batch["token.ref_logprobs"];
    if (!compare || own === null || reference === null) return;
    for (let t = 0; t < implicit.length; t++) implicit[t] = beta * (own[t]! - reference[t]!);
    for (let r = 0; r < batch.nRollouts; r++) {
      const isTrained = (_: number, t: number): boolean => mask[positions[r]! + t] === 1;
      const [from, to] = [positions[r]!, positions[r + 1]!];
      correlation[r] = pearson(
        credit.subarray(from, to).filter(isTrained),
        implicit.subarray(from, to).filter(isTrained),
      );
    }
  },
  formula: () => [
    {
      left: "r",
      symbols: "1 / (1 + π(y|worse) / π(y|better)) − ½",
      numbers: "1 / (1 + {odds}) − 0.5",
      equals: "credit",
    },
  ],
});
