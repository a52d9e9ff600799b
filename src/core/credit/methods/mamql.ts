import { creditMethod } from "../method.ts";
import { softValue, takenValue } from "../primitives/actionValues.ts";

/**
 * MAMQL, the reward that an agent's Q model implies: r_i = Q_i(s, a_i) − γ V_i(s'), V the soft maximum over the agent's own
 * actions, with the other agents marginalised out of Q.
 *
 * Multi-Agent Inverse Q-Learning from Demonstrations (arXiv:2503.04679), from memory: a proposal. s' is the state of the
 * same agent's next turn; after its last one V is 0. The turn logs `action` and `action_values` (Q_i of each action).
 */
export const mamql = creditMethod({
  id: "mamql",
  label: "MAMQL implied reward",
  doc: "Reward that an agent's marginal Q (`action`, `action_values` of the turn) implies for its action: Q minus the discounted soft value of its next turn.",
  paper: "https://arxiv.org/abs/2503.04679",
  math: String.raw`r_i = Q_i(s, a_i) - \gamma V_i(s'), \qquad V_i(s) = T \log \sum_a \exp(Q_i(s, a) / T)`,
  status: "memory",
  level: "turn",
  comparesGroup: false,
  needs: ["agent", "turn.action", "turn.action_values[]"],
  params: {
    gamma: { kind: "number", default: 0.99, min: 0, max: 1, doc: "discount of the agent's next turn" },
    temperature: { kind: "number", default: 1, min: 1e-6, doc: "T of the soft maximum" },
  },
  presets: { paper: {} },
  lanes: {
    q: { level: "turn", doc: "Q of the action taken" },
    value: { level: "turn", doc: "soft value of the agent at this turn" },
    next: { level: "turn", doc: "soft value at the agent's next turn; 0 after its last" },
  },
  run(batch, { gamma, temperature }, { q, value, next, credit }) {
    const values = batch["turn.action_values[]"];
    for (let r = 0; r < batch.nRollouts; r++) {
      const valueAfter = new Map<number, number>();
      for (let u = batch.turns[r + 1]! - 1; u >= batch.turns[r]!; u--) {
        q[u] = takenValue({ taken: batch["turn.action"], values }, u);
        value[u] = softValue(values, u, temperature);
        next[u] = valueAfter.get(batch.agent[u]!) ?? 0;
        credit[u] = q[u]! - gamma * next[u]!;
        valueAfter.set(batch.agent[u]!, value[u]!);
      }
    }
  },
  formula: () => [{ left: "r", symbols: "Q − γV⁺", numbers: "{q} − {gamma} · {next}", equals: "credit" }],
});
