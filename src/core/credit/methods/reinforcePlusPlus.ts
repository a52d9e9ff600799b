import { creditMethod } from "../method.ts";
import { discountedReturns } from "../primitives/suffix.ts";
import { whiten } from "../primitives/whiten.ts";

/**
 * REINFORCE++: the discounted return of each token, whitened over all trained tokens of the batch.
 *
 * Hu (arXiv:2501.03262), section 3; verl `compute_reinforce_plus_plus_outcome_advantage`. At tool tokens newer verl
 * carries the return through; older verl sets it to 0 (`holes: reset`), so that turns before a tool never see the
 * outcome.
 */
export const reinforcePlusPlus = creditMethod({
  id: "reinforcePlusPlus",
  label: "REINFORCE++",
  doc: "The return of each token, whitened over the batch. With γ = 1 and an outcome reward, one number a response.",
  paper: "https://arxiv.org/abs/2501.03262",
  math: String.raw`G_t = r_t + \gamma G_{t+1}, \qquad A_t = \frac{G_t - \mu}{\sigma}`,
  status: "code",
  level: "token",
  comparesGroup: false,
  needs: ["mask", "tokenReward"],
  params: {
    gamma: { kind: "number", default: 1, min: 0, max: 1, doc: "discount a token" },
    holes: {
      kind: "choice",
      choices: ["carry", "reset"],
      default: "carry",
      doc: "the running return at a token with mask 0: carried through, or set to 0",
    },
    whiten: {
      kind: "boolean",
      default: true,
      doc: "subtract the batch's mean and divide by its standard deviation",
    },
  },
  presets: { "released:verl": {}, "released:verlOlder": { holes: "reset" } },
  lanes: {
    reward: { level: "token", doc: "reward at the token" },
    next: { level: "token", doc: "return of the tokens after it" },
    returns: { level: "token", doc: "discounted return" },
    mean: { level: "batch", doc: "mean return of the batch's trained tokens" },
    variance: { level: "batch", doc: "variance of the returns (n − 1)" },
  },
  run(batch, params, { warn, reward, next, returns, mean, variance, credit }) {
    reward.set(batch.tokenReward);
    discountedReturns(batch, reward, params, { returns, next });
    if (!params.whiten) {
      credit.set(returns);
    } else {
      const moments = whiten(returns, batch.mask, credit);
      if (moments.n < 2) warn("few-tokens");
      mean[0] = moments.mean;
      variance[0] = moments.variance;
    }
    for (let t = 0; t < credit.length; t++) credit[t]! *= batch.mask[t]!;
  },
  formula: (params) => [
    { left: "G", symbols: "r + γG⁺", numbers: "{reward} + {gamma} · {next}", equals: "returns" },
    params.whiten
      ? {
          left: "A",
          symbols: "(G − mean) / √(var + 1e-8)",
          numbers: "({returns} − {mean}) / √({variance} + 1e-8)",
          equals: "credit",
        }
      : { left: "A", symbols: "G", numbers: "{returns}", equals: "credit" },
  ],
});
