import { creditMethod } from "../method.ts";
import { expectedValue, takenValue } from "../primitives/actionValues.ts";

/**
 * COMA, counterfactual advantage of an agent: the joint value of what it did, less what its policy would have got on
 * average with all other actions as they were.
 *
 * Foerster et al. (arXiv:1705.08926), equation 4, as textbooks have it. The turn logs `action` (index),
 * `action_probs` (π_i over its actions) and `action_values` (Q(s, a', a_−i) of each, the others' actions fixed).
 */
export const coma = creditMethod({
  id: "coma",
  label: "COMA",
  doc: "An agent's action against the average of its own alternatives, the other agents' actions fixed (`action`, `action_probs`, `action_values` of the turn).",
  paper: "https://arxiv.org/abs/1705.08926",
  math: String.raw`A_i = Q(s, a) - \sum_{a_i'} \pi_i(a_i')\, Q(s, a_i', a_{-i})`,
  status: "text",
  level: "turn",
  comparesGroup: false,
  needs: ["turn.action", "turn.action_probs[]", "turn.action_values[]"],
  params: {},
  presets: { paper: {} },
  lanes: {
    q: { level: "turn", doc: "value of the joint action taken" },
    expected: { level: "turn", doc: "counterfactual baseline: mean over the agent's own actions" },
    mass: { level: "turn", doc: "sum of the logged probabilities; 1 where all actions are logged" },
  },
  run(batch, _, { q, expected, mass, credit }) {
    const actions = { taken: batch["turn.action"], values: batch["turn.action_values[]"] };
    for (let u = 0; u < credit.length; u++) {
      q[u] = takenValue(actions, u);
      const own = expectedValue(actions, batch["turn.action_probs[]"], u);
      expected[u] = own.mean;
      mass[u] = own.mass;
      credit[u] = q[u]! - expected[u]!;
    }
  },
  formula: () => [{ left: "A", symbols: "Q − E Q", numbers: "{q} − {expected}", equals: "credit" }],
});
