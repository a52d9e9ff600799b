import { creditMethod, type MethodInput, type MethodOutput } from "../method.ts";

const lanes = {
  proxy: { level: "turn", doc: "proxy reward of the turn, as logged" },
  sum: { level: "trajectory", doc: "sum of the rollout's proxy rewards" },
  gap: { level: "trajectory", doc: "return minus that sum: 0 where the redistribution is exact" },
  target: { level: "trajectory", doc: "return divided by the number of turns" },
  mean: { level: "trajectory", doc: "mean proxy reward of all turns, or of the drawn ones" },
  residual: { level: "trajectory", doc: "mean minus target" },
  draws: { level: "trajectory", doc: "number of turns that were drawn" },
  variance: { level: "trajectory", doc: "variance of the drawn proxy rewards (n − 1)" },
  loss: { level: "batch", doc: "loss of the decomposition over the batch" },
  turns: { level: "trajectory", doc: "number of turns" },
} as const;

type Input = MethodInput<"reward" | "turn.proxy_reward", "turn.draws">;
type Output = MethodOutput<keyof typeof lanes>;

/**
 * Return decomposition: proxy rewards of the turns, learned so that their mean is the return divided by the length.
 *
 * RD (Efroni et al.) over all turns; randomised RD (Ren et al., arXiv:2111.13485) over K drawn ones, with the correction of
 * its variance, −(1 − K/len)·Var/K; as in thu-rllab/LaRe `RDRewardDecomposer` and `RRDRewardDecomposer`. LaRe's proxy reward is
 * a function of latent factors. Draws are read from the log, where a turn can be drawn more than once: they are random.
 */
export const rrd = creditMethod({
  id: "rrd",
  label: "Return decomposition (RD, RRD)",
  doc: "Logged proxy rewards of the turns, and how far they are from adding up to the return. Needs `proxy_reward` at each turn.",
  paper: "https://arxiv.org/abs/2111.13485",
  math: String.raw`\mathcal{L} = \frac{1}{B} \sum_b \Big( \frac{1}{K} \sum_{k \in I_b} \hat r_k - \frac{R_b}{n_b} \Big)^2 - \frac{1}{B} \sum_b \Big(1 - \frac{K}{n_b}\Big) \frac{\widehat{\operatorname{Var}}_b}{K}`,
  status: "code",
  level: "turn",
  comparesGroup: false,
  needs: ["reward", "turn.proxy_reward"],
  uses: ["turn.draws"],
  alsoNeeds: ({ sampled }) => (sampled ? ["turn.draws"] : []),
  params: {
    sampled: {
      kind: "boolean",
      default: false,
      doc: "loss over the drawn turns: `draws` of each turn says how often it was (0 = not)",
    },
    unbiased: { kind: "boolean", default: false, doc: "subtract the variance that drawing adds" },
    exact: {
      kind: "boolean",
      default: false,
      doc: "add the gap in equal parts, so that the credits sum to the return (own)",
    },
  },
  presets: {
    "released:rd": {},
    "released:rrd": { sampled: true },
    "released:rrdUnbiased": { sampled: true, unbiased: true },
  },
  lanes,
  run(batch, { sampled, unbiased, exact }, out) {
    out.proxy.set(batch["turn.proxy_reward"]);
    if (batch.nRollouts > 0) out.loss[0] = 0;
    for (let r = 0; r < batch.nRollouts; r++) {
      decompose(batch, r, sampled, out);
      const length = out.turns[r]!;
      const added = unbiased ? ((1 - out.draws[r]! / length) * out.variance[r]!) / out.draws[r]! : 0;
      out.loss[0]! += (out.residual[r]! ** 2 - added) / batch.nRollouts;
      for (let u = batch.turns[r]!; u < batch.turns[r + 1]!; u++)
        out.credit[u] = exact ? out.proxy[u]! + out.gap[r]! / length : out.proxy[u]!;
    }
  },
  formula: ({ exact }) => [
    exact
      ? { left: "r", symbols: "r̂ + (R − Σr̂) / n", numbers: "{proxy} + {gap} / {turns}", equals: "credit" }
      : { left: "r", symbols: "r̂", numbers: "{proxy}", equals: "credit" },
  ],
});

/** The numbers of one rollout. Without draws every turn counts once. */
function decompose(batch: Input, r: number, sampled: boolean, out: Output): void {
  const [from, to] = [batch.turns[r]!, batch.turns[r + 1]!];
  const timesOf = (u: number): number => (sampled ? batch["turn.draws"]![u]! : 1);
  let [sum, drawn, ofDrawn] = [0, 0, 0];
  for (let u = from; u < to; u++) {
    sum += out.proxy[u]!;
    drawn += timesOf(u);
    ofDrawn += timesOf(u) * out.proxy[u]!;
  }
  const mean = ofDrawn / drawn;
  let squares = 0;
  for (let u = from; u < to; u++) squares += timesOf(u) * (out.proxy[u]! - mean) ** 2;
  out.turns[r] = to - from;
  out.sum[r] = sum;
  out.gap[r] = batch.reward[r]! - sum;
  out.target[r] = batch.reward[r]! / (to - from);
  out.mean[r] = mean;
  out.residual[r] = mean - out.target[r]!;
  out.draws[r] = drawn;
  out.variance[r] = squares / (drawn - 1);
}
