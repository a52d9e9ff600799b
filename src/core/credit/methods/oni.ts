import { creditMethod } from "../method.ts";

/**
 * ONI: the environment's reward plus a language model's score of each message, divided by how often the message has come in
 * the episode.
 *
 * Zheng et al. (arXiv:2410.23022); facebookresearch/oni `learner.py` (read, not run): c_ext·r + c_llm·r_llm / N^β, N counts the
 * message itself. The offline preference branch standardises the scores and sets those up to a threshold to 0 first; the
 * released online one writes them to a misspelled name, so that the raw score is used.
 */
export const oni = creditMethod({
  id: "oni",
  label: "ONI",
  doc: "The environment's reward plus the logged score of the turn's message (`llm_reward`), less the more often it came.",
  paper: "https://arxiv.org/abs/2410.23022",
  math: String.raw`r_k = c_{ext} \, r^{ext}_k + c_{llm} \, \frac{r^{llm}_k}{N(m_k)^{\beta}}`,
  status: "text",
  level: "turn",
  comparesGroup: false,
  needs: ["turnReward", "turn.llm_reward"],
  uses: ["turn.message_count", "state"],
  alsoNeeds: ({ count }) =>
    count === "logged" ? ["turn.message_count"] : count === "state" ? ["state"] : [],
  params: {
    extWeight: { kind: "number", default: 1, doc: "of the environment's reward" },
    llmWeight: { kind: "number", default: 1, doc: "of the language model's score" },
    beta: { kind: "number", default: 1, min: 0, doc: "exponent of the count" },
    count: {
      kind: "choice",
      choices: ["logged", "state", "none"],
      default: "logged",
      doc: "N: `message_count` of the turn, how often its state came in the rollout so far, or 1",
    },
    standardize: {
      kind: "boolean",
      default: false,
      doc: "standardise the scores and set those up to the threshold to 0 (offline preference branch)",
    },
    mean: { kind: "number", default: 0, doc: "of the scores over the training set, for `standardize`" },
    std: { kind: "number", default: 1, min: 1e-12, doc: "their standard deviation, for `standardize`" },
    threshold: {
      kind: "number",
      default: 0,
      doc: "standardised scores up to it count as 0, for `standardize`",
    },
  },
  presets: { "released:oni": {}, counted: { count: "state" } },
  lanes: {
    extrinsic: { level: "turn", doc: "reward of the environment at the turn", kind: "base" },
    score: { level: "turn", doc: "score of the message, standardised where that is asked for" },
    visits: { level: "turn", doc: "how often the message has come, this time included" },
    scaling: { level: "turn", doc: "N to the power β" },
    intrinsic: { level: "turn", doc: "weighted score over the count's power", kind: "component" },
  },
  run(batch, params, { extrinsic, score, visits, scaling, intrinsic, credit }) {
    extrinsic.set(batch.turnReward);
    const counted = batch.state === null ? null : visitsOf(batch.turns, batch.state);
    for (let u = 0; u < credit.length; u++) {
      score[u] = params.standardize
        ? standardized(batch["turn.llm_reward"][u]!, params)
        : batch["turn.llm_reward"][u]!;
      visits[u] = params.count === "none" ? 1 : (counted ?? batch["turn.message_count"]!)[u]!;
      scaling[u] = visits[u]! ** params.beta;
      intrinsic[u] = (params.llmWeight * score[u]!) / scaling[u]!;
      credit[u] = params.extWeight * extrinsic[u]! + intrinsic[u]!;
    }
  },
  formula: () => [
    {
      left: "i",
      symbols: "c_llm · r_llm / Nᵝ",
      numbers: "{llmWeight} · {score} / {scaling}",
      equals: "intrinsic",
    },
    {
      left: "r",
      symbols: "c_ext · r + i",
      numbers: "{extWeight} · {extrinsic} + {intrinsic}",
      equals: "credit",
    },
  ],
});

function standardized(
  score: number,
  { mean, std, threshold }: { readonly mean: number; readonly std: number; readonly threshold: number },
): number {
  const standard = (score - mean) / std;
  return standard <= threshold ? 0 : standard;
}

/** How often each turn's state has come in its rollout, this time included; NaN where the turn has none. */
function visitsOf(turns: Int32Array, state: Int32Array): Float64Array {
  const visits = new Float64Array(state.length);
  for (let r = 0; r + 1 < turns.length; r++) {
    const seen = new Map<number, number>();
    for (let u = turns[r]!; u < turns[r + 1]!; u++) {
      const n = (seen.get(state[u]!) ?? 0) + 1;
      seen.set(state[u]!, n);
      visits[u] = state[u] === -1 ? NaN : n;
    }
  }
  return visits;
}
