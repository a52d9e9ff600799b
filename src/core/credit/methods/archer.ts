import { creditMethod } from "../method.ts";
import { rolloutOfTurns } from "../primitives/stateGroups.ts";

/**
 * ArCHer: a critic of whole utterances with two heads of Q and V; an utterance's advantage is min(Q₁, Q₂) − min(V₁, V₂).
 *
 * Zhou et al. (arXiv:2402.19446); YifeiZhou02/ArCHer `ArcherTrainer` (read, not run: there are no outputs to compare with).
 * The trainer asks the critic for an action sampled anew; a log holds the critic's numbers for the action that was taken. The
 * targets of the Q heads are r + γV_i of the next turn under the target critic, for which the log's own V stands here; the
 * last turn is the end. The shipped configurations have γ = 0.95, the class's default is 0.9.
 */
export const archer = creditMethod({
  id: "archer",
  label: "ArCHer",
  doc: "An utterance-level critic's advantage, min(Q₁, Q₂) − min(V₁, V₂), for every token of the turn. Reads `q1`, `q2`, `v1`, `v2` of each turn.",
  paper: "https://arxiv.org/abs/2402.19446",
  math: String.raw`A(s_k, a_k) = \min_i Q_i(s_k, a_k) - \min_i V_i(s_k), \qquad y_i = r_k + \gamma (1 - d_k) V_i(s_{k+1})`,
  status: "text",
  level: "turn",
  comparesGroup: false,
  needs: ["turn.q1", "turn.v1"],
  uses: ["turn.q2", "turn.v2", "turnReward", "mask", "value"],
  alsoNeeds: ({ heads, targets, baseline }) => [
    ...(heads === "two" ? (["turn.q2", "turn.v2"] as const) : []),
    ...(targets ? (["turnReward"] as const) : []),
    ...(baseline === "token" ? (["mask", "value"] as const) : []),
  ],
  params: {
    heads: {
      kind: "choice",
      choices: ["two", "one"],
      default: "two",
      doc: "heads of the critic that are logged",
    },
    targets: {
      kind: "boolean",
      default: false,
      doc: "also compare the Q heads with their targets (lanes `target1` to `error2`); needs rewards",
    },
    gamma: { kind: "number", default: 0.95, min: 0, max: 1, doc: "discount a turn, in the targets" },
    baseline: {
      kind: "choice",
      choices: ["none", "token"],
      default: "none",
      doc: "token: also what is left of the advantage over the token values (lane `residual`)",
    },
    source: { kind: "text", default: "auto", doc: "token values: auto, logged, or a scorer's name" },
  },
  presets: { "released:archer": {}, "released:archerClass": { gamma: 0.9 } },
  lanes: {
    q1: { level: "turn", doc: "value of the utterance by the first head" },
    q2: { level: "turn", doc: "the same by the second (the first again where one is logged)" },
    v1: { level: "turn", doc: "value of the state by the first head" },
    v2: { level: "turn", doc: "the same by the second" },
    target1: { level: "turn", doc: "r + γV₁ of the next turn" },
    target2: { level: "turn", doc: "r + γV₂ of the next turn" },
    error1: { level: "turn", doc: "Q₁ minus its target" },
    error2: { level: "turn", doc: "Q₂ minus its target" },
    residual: { level: "token", doc: "advantage minus the token's value" },
  },
  run(batch, { heads, targets, gamma, baseline }, out) {
    const { q1, q2, v1, v2, credit } = out;
    q1.set(batch["turn.q1"]);
    v1.set(batch["turn.v1"]);
    q2.set(heads === "two" ? batch["turn.q2"]! : q1);
    v2.set(heads === "two" ? batch["turn.v2"]! : v1);
    for (let u = 0; u < credit.length; u++) credit[u] = Math.min(q1[u]!, q2[u]!) - Math.min(v1[u]!, v2[u]!);
    if (targets)
      rolloutOfTurns(batch).forEach((r, u) => {
        const isLast = u + 1 === batch.turns[r + 1]!;
        out.target1[u] = batch.turnReward![u]! + (isLast ? 0 : gamma * v1[u + 1]!);
        out.target2[u] = batch.turnReward![u]! + (isLast ? 0 : gamma * v2[u + 1]!);
        out.error1[u] = q1[u]! - out.target1[u]!;
        out.error2[u] = q2[u]! - out.target2[u]!;
      });
    if (baseline === "token")
      for (let u = 0; u < credit.length; u++)
        for (let t = batch.turnFrom[u]!; t < batch.turnTo[u]!; t++)
          if (batch.mask[t] === 1) out.residual[t] = credit[u]! - batch.value![t]!;
  },
  formula: () => [
    {
      left: "A",
      symbols: "min(Q₁, Q₂) − min(V₁, V₂)",
      numbers: "min({q1}, {q2}) − min({v1}, {v2})",
      equals: "credit",
    },
  ],
});
