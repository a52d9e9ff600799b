import { creditMethod } from "../method.ts";
import { jointEnds, jointSteps } from "../primitives/jointSteps.ts";

/**
 * ReAd, sequential advantage of agents: what an agent's action adds to the value of the plan so far, all later agents
 * waiting.
 *
 * A_i = Q(s, a_1..i, w) − Q(s, a_1..i−1, w) (arXiv:2405.14314, S-ReAd; from the text as the reference has it): the terms of
 * a joint step telescope to Q(s, a) − Q(s, w). Lane `joint` is J-ReAd's Q(s, a) − Q(s, w)/γ. Q of the plan up to and with
 * the agent's action is the turn's `q`, Q of all waiting its `q_wait`; a critic over joint plans makes them.
 */
export const read = creditMethod({
  id: "read",
  label: "ReAd",
  doc: "What each agent's action adds to the joint plan's value (`q` of the turn, the later agents waiting) over the agents before it (`q_wait`: all wait).",
  paper: "https://arxiv.org/abs/2405.14314",
  math: String.raw`A_i = Q(s, a_{1..i}, w) - Q(s, a_{1..i-1}, w), \qquad \textstyle\sum_i A_i = Q(s,a) - Q(s,w)`,
  status: "text",
  level: "turn",
  comparesGroup: false,
  needs: ["agent", "state", "turn.q", "turn.q_wait"],
  params: {
    gamma: { kind: "number", default: 0.99, min: 1e-6, max: 1, doc: "discount in the joint advantage" },
    threshold: { kind: "number", default: 0, doc: "an action with less is one to plan again" },
  },
  presets: { paper: {} },
  lanes: {
    q: { level: "turn", doc: "value of the plan up to and with this agent" },
    before: { level: "turn", doc: "value of the plan before this agent; of all waiting for the first" },
    wait: { level: "turn", doc: "value of all waiting" },
    joint: { level: "turn", doc: "Q(s, a) − Q(s, w)/γ of the joint step" },
    gap: {
      level: "turn",
      doc: "sum of the step's advantages less Q(s, a) − Q(s, w): 0 where all turns agree on Q(s, w)",
    },
    replan: { level: "turn", doc: "1 where the advantage is below the threshold" },
  },
  run(batch, { gamma, threshold }, { q, before, wait, joint, gap, replan, credit }) {
    q.set(batch["turn.q"]);
    wait.set(batch["turn.q_wait"]);
    const first = new Int32Array(q.length);
    jointSteps(batch, batch, first);
    const end = jointEnds(first);
    for (let u = 0; u < q.length; u++) {
      before[u] = u === first[u] ? wait[u]! : q[u - 1]!;
      credit[u] = q[u]! - before[u]!;
      joint[u] = q[end[u]! - 1]! - wait[u]! / gamma;
      replan[u] = Number.isNaN(credit[u]!) ? NaN : credit[u]! < threshold ? 1 : 0;
    }
    for (let u = 0; u < q.length; u++) {
      let sum = 0;
      for (let v = first[u]!; v < end[u]!; v++) sum += credit[v]!;
      gap[u] = sum - (q[end[u]! - 1]! - wait[u]!);
    }
  },
  formula: () => [
    { left: "A", symbols: "Q(a₁..ᵢ) − Q(a₁..ᵢ₋₁)", numbers: "{q} − {before}", equals: "credit" },
  ],
});
