import { creditMethod } from "../method.ts";
import { jointEnds, jointSteps } from "../primitives/jointSteps.ts";

/**
 * Bayesian-network policies: agents of a joint step act one after the other, each knowing what its parents in a DAG did.
 * The joint policy is the product of the conditionals, so an agent's share is log π_i(a_i | s, a_parents).
 *
 * Context-Aware Bayesian Network Actor-Critic Methods (arXiv:2306.01920), from the text. The turn logs `logprob`, or its
 * tokens `logprobs` whose sum it is; `parents` are the parents' places in the joint step's order, from 0.
 * Form gain: how much likelier the action is with the parents known than without (`logprob_marginal`).
 */
export const bayesNet = creditMethod({
  id: "bayesNet",
  label: "Bayesian-network policy",
  doc: "Conditional log-probability of each agent's action given its parents' actions (`logprob` of the turn or its tokens), and their sum over the joint step.",
  paper: "https://arxiv.org/abs/2306.01920",
  math: String.raw`\log \pi(a \mid s) = \sum_i \log \pi_i(a_i \mid s, a_{pa(i)})`,
  status: "text",
  level: "turn",
  comparesGroup: false,
  needs: ["agent", "state"],
  uses: ["turn.logprob", "token.logprobs", "turn.logprob_marginal", "turn.parents[]"],
  alsoNeeds: ({ form, from, checkOrder }) => [
    from === "turn" ? "turn.logprob" : "token.logprobs",
    ...(form === "gain" ? (["turn.logprob_marginal"] as const) : []),
    ...(checkOrder ? (["turn.parents[]"] as const) : []),
  ],
  params: {
    form: {
      kind: "choice",
      choices: ["conditional", "gain"],
      default: "conditional",
      doc: "the conditional log-probability, or what knowing the parents adds to it",
    },
    from: {
      kind: "choice",
      choices: ["turn", "tokens"],
      default: "turn",
      doc: "the turn's own `logprob`, or the sum over its trained tokens",
    },
    checkOrder: {
      kind: "boolean",
      default: false,
      doc: "compare `parents` with the order of play (lane `late`)",
    },
  },
  presets: {
    paper: {},
    tokens: { from: "tokens" },
    gain: { form: "gain" },
    checked: { checkOrder: true },
  },
  lanes: {
    conditional: { level: "turn", doc: "log π_i(a_i | s, a_parents)" },
    marginal: { level: "turn", doc: "log-probability without the parents' actions (gain)" },
    joint: { level: "turn", doc: "sum over the joint step" },
    late: {
      level: "turn",
      doc: "parents that do not act before the agent: 0 where the order follows the DAG",
    },
  },
  run(batch, { form, from, checkOrder }, { conditional, marginal, joint, late, credit }) {
    const first = new Int32Array(conditional.length);
    jointSteps(batch, batch, first);
    const end = jointEnds(first);
    for (let u = 0; u < conditional.length; u++) {
      conditional[u] = from === "turn" ? batch["turn.logprob"]![u]! : 0;
      const [start, to] = from === "turn" ? [0, 0] : [batch.turnFrom[u]!, batch.turnTo[u]!];
      for (let t = start; t < to; t++)
        if (batch.mask[t] === 1) conditional[u]! += batch["token.logprobs"]![t]!;
      if (form === "gain") marginal[u] = batch["turn.logprob_marginal"]![u]!;
      credit[u] = form === "gain" ? conditional[u]! - marginal[u]! : conditional[u]!;
      if (!checkOrder) continue;
      const { offsets, values } = batch["turn.parents[]"]!;
      const parents = values.subarray(offsets[u]!, offsets[u + 1]!);
      late[u] = parents.filter((place) => !(place >= 0 && place < u - first[u]!)).length;
    }
    for (let u = 0; u < conditional.length; u++) {
      joint[u] = 0;
      for (let v = first[u]!; v < end[u]!; v++) joint[u]! += conditional[v]!;
    }
  },
  formula: ({ form }) => [
    form === "gain"
      ? {
          left: "gain",
          symbols: "log π(a|parents) − log π(a)",
          numbers: "{conditional} − {marginal}",
          equals: "credit",
        }
      : { left: "ℓ", symbols: "log π(a|parents)", numbers: "{conditional}", equals: "credit" },
  ],
});
