import { creditMethod } from "../method.ts";

/**
 * CALM: an auxiliary reward at each transition where, by a language model's judgement, an option ends because a subgoal is
 * reached; the environment's reward stays as it is.
 *
 * Pignatelli et al. (arXiv:2409.12798). The judgements are read from the log (1 reached, 0 not); a turn that was not
 * judged has none, and no credit.
 */
export const calm = creditMethod({
  id: "calm",
  label: "CALM",
  doc: "The environment's reward plus a bonus at each turn that reached a subgoal, as logged: `subgoal` of the turns, 1 or 0.",
  paper: "https://arxiv.org/abs/2409.12798",
  math: String.raw`r'_k = r_k + b \, \beta_k`,
  status: "text",
  level: "turn",
  comparesGroup: false,
  needs: ["turn.subgoal"],
  uses: ["turnReward"],
  alsoNeeds: ({ withReward }) => (withReward ? ["turnReward"] : []),
  params: {
    bonus: { kind: "number", default: 1, doc: "reward for a subgoal" },
    withReward: { kind: "boolean", default: true, doc: "add the environment's reward; else the bonus alone" },
  },
  presets: { paper: {} },
  lanes: {
    reward: { level: "turn", doc: "reward of the environment at the turn", kind: "base" },
    reached: { level: "turn", doc: "1 where the judgement says that a subgoal was reached" },
    shaping: { level: "turn", doc: "bonus for the subgoal", kind: "component" },
  },
  run({ turnReward, "turn.subgoal": subgoal }, { bonus }, { reward, reached, shaping, credit }) {
    for (let u = 0; u < credit.length; u++) {
      reward[u] = turnReward?.[u] ?? 0;
      reached[u] = subgoal[u]!;
      shaping[u] = bonus * reached[u]!;
      credit[u] = reward[u]! + shaping[u]!;
    }
  },
  formula: () => [
    { left: "r′", symbols: "r + b · reached", numbers: "{reward} + {bonus} · {reached}", equals: "credit" },
  ],
});
