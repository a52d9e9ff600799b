import type { BatchShape } from "../columns.ts";
import { creditMethod } from "../method.ts";

/** How a judge's score becomes rewards. */
interface Mapping {
  readonly low: number;
  readonly high: number;
  readonly malformed: number;
  readonly wellFormed: number;
}

/**
 * CoMAS, rewards from discussion: a solver proposes, an evaluator criticises, a judge scores. The proposer gets the score
 * s ∈ [0, 1], the critic 1 − s, so that one wins what the other loses.
 *
 * Co-Evolving Multi-Agent Systems via Interaction Rewards (arXiv:2510.08529), from the text as the reference has it; what a
 * score means is configurable. The turn logs `side` (1 proposes, −1 criticises, 0 judges) and a judge's turn
 * `judgement`; one outside the scale is malformed: the judge gets −1, the two others nothing. A proposal gets the mean of
 * the scores up to the next one. `whiten` compares the turns of one agent over the batch, as REINFORCE++ does for each
 * agent (over turns here, not over tokens).
 */
export const comas = creditMethod({
  id: "comas",
  label: "CoMAS",
  doc: "Zero-sum rewards of a discussion from logged judgements: the proposer gets the judge's score, the critic the rest (`side`, `judgement` of the turn).",
  paper: "https://arxiv.org/abs/2510.08529",
  math: String.raw`r_{prop} = s, \qquad r_{crit} = 1 - s, \qquad s = \frac{score - 1}{3 - 1}`,
  status: "text",
  level: "turn",
  comparesGroup: false,
  needs: ["agent", "turn.side", "turn.judgement"],
  params: {
    low: { kind: "number", default: 1, doc: "lowest score of the judge: s = 0" },
    high: { kind: "number", default: 3, doc: "highest score of the judge: s = 1" },
    malformed: { kind: "number", default: -1, doc: "reward of a judge whose score is off the scale" },
    wellFormed: { kind: "number", default: 0, doc: "reward of a judge whose score is on the scale" },
    whiten: {
      kind: "boolean",
      default: false,
      doc: "subtract the agent's mean over the batch and divide by its deviation",
    },
  },
  presets: { paper: {}, perAgent: { whiten: true } },
  lanes: {
    score: { level: "turn", doc: "s of the judgement that the turn is under; of several, the mean" },
    reward: { level: "turn", doc: "reward of the turn", kind: "base" },
    mean: { level: "turn", doc: "mean reward of the agent's turns (whiten)" },
    variance: { level: "turn", doc: "their variance, n − 1 (whiten)" },
  },
  run(batch, params, { score, reward, mean, variance, credit }) {
    const side = batch["turn.side"];
    for (let r = 0; r < batch.nRollouts; r++)
      judge(batch, r, { side, judged: batch["turn.judgement"] }, params, { score, reward });
    if (!params.whiten) {
      credit.set(reward);
      return;
    }
    agentMoments(batch.agent, reward, { mean, variance });
    for (let u = 0; u < credit.length; u++)
      credit[u] = (reward[u]! - mean[u]!) / Math.sqrt(variance[u]! + 1e-8);
  },
  formula: ({ whiten }) => [
    whiten
      ? {
          left: "A",
          symbols: "(r − mean) / √(var + 1e-8)",
          numbers: "({reward} − {mean}) / √({variance} + 1e-8)",
          equals: "credit",
        }
      : { left: "A", symbols: "r", numbers: "{reward}", equals: "credit" },
  ],
});

/** Backwards: a critic is under the next judgement, a proposer under all up to the next proposal. */
function judge(
  { turns }: BatchShape,
  r: number,
  { side, judged }: { readonly side: Float64Array; readonly judged: Float64Array },
  { low, high, malformed, wellFormed }: Mapping,
  { score, reward }: { readonly score: Float64Array; readonly reward: Float64Array },
): void {
  let latest = NaN;
  let sum = 0;
  let n = 0;
  for (let u = turns[r + 1]! - 1; u >= turns[r]!; u--) {
    if (side[u] === 0) {
      const given = judged[u]!;
      const onScale = given >= low && given <= high;
      latest = onScale ? (given - low) / (high - low) : NaN;
      if (onScale) n++;
      if (onScale) sum += latest;
      score[u] = latest;
      reward[u] = Number.isNaN(given) ? NaN : onScale ? wellFormed : malformed;
    } else if (side[u] === -1) {
      score[u] = latest;
      reward[u] = 1 - latest;
    } else if (side[u] === 1) {
      score[u] = reward[u] = sum / n;
      sum = n = 0;
      latest = NaN;
    }
  }
}

/** Mean and variance (n − 1; 0 of one) of each agent's rewards over the batch, missing ones left out. */
function agentMoments(
  agent: Int32Array,
  reward: Float64Array,
  { mean, variance }: { readonly mean: Float64Array; readonly variance: Float64Array },
): void {
  for (const one of new Set(agent)) {
    const own = reward.filter((x, u) => agent[u] === one && !Number.isNaN(x));
    const average = own.reduce((sum, x) => sum + x, 0) / own.length;
    const squares = own.reduce((sum, x) => sum + (x - average) ** 2, 0);
    agent.forEach((other, u) => {
      if (other !== one) return;
      mean[u] = average;
      variance[u] = own.length < 2 ? 0 : squares / (own.length - 1);
    });
  }
}
