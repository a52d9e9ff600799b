import { creditMethod } from "../method.ts";
import { keyedMoments } from "../primitives/keyedMoments.ts";
import { rolloutOfTurns, similarStateGroups, stateGroups } from "../primitives/stateGroups.ts";
import { suffixSums } from "../primitives/suffix.ts";

/**
 * GiGPO, group in group: the episode against the others of its task, plus each turn's return against the turns that
 * answered the same state, A = A^E + ωA^S.
 *
 * Feng et al. (arXiv:2505.10978), equations 3 to 8; verl-agent `compute_gigpo_outcome_advantage`. Its statistics of episodes
 * count every turn (`unit: turn`), so a long trajectory weighs more; a task with one turn keeps its raw score. A turn alone in
 * its state gets A^S = 0: where most are (lane `loneStates`), what remains is episode credit. A turn without a state has
 * none.
 */
export const gigpo = creditMethod({
  id: "gigpo",
  label: "GiGPO",
  doc: "The episode's advantage, plus how much better a turn turned out than other turns of the same task in the same state (`turn.state`).",
  paper: "https://arxiv.org/abs/2505.10978",
  math: String.raw`A_k = \left(R - \operatorname{mean}(R_g)\right) + \omega \left(G_k - \operatorname{mean}(G_{g, s_k})\right), \qquad G_k = \sum_{j \ge k} \gamma^{j - k} r_j`,
  status: "code",
  level: "turn",
  comparesGroup: true,
  needs: ["reward", "state"],
  uses: ["turnReward", "turn.step_rewards", "stateText"],
  alsoNeeds: ({ returns, similarity }) => [
    returns === "logged" ? ("turn.step_rewards" as const) : ("turnReward" as const),
    ...(similarity < 1 ? (["stateText"] as const) : []),
  ],
  params: {
    omega: { kind: "number", default: 1, min: 0, doc: "weight of the part by states" },
    gamma: { kind: "number", default: 0.95, min: 0, max: 1, doc: "discount a turn" },
    normalizeByStd: {
      kind: "boolean",
      default: false,
      doc: "divide both parts by their groups' standard deviations",
    },
    epsilon: { kind: "number", default: 1e-6, min: 0, doc: "added to the standard deviation" },
    unit: {
      kind: "choice",
      choices: ["turn", "trajectory"],
      default: "turn",
      doc: "statistics of episodes count every turn, or every trajectory once",
    },
    similarity: {
      kind: "number",
      default: 1,
      min: 0,
      max: 1,
      doc: "1: states are the same when they are equal; below (released: 0.95): when their ratio of equal text is at least this, first match first",
    },
    singleton: {
      kind: "choice",
      choices: ["raw", "zero", "nan"],
      default: "raw",
      doc: "episode part where nothing else counts for the task: the raw score, 0, or none",
    },
    returns: {
      kind: "choice",
      choices: ["computed", "logged"],
      default: "computed",
      doc: "returns of the turns: from their rewards, or as logged (`turn.step_rewards` of verl-agent)",
    },
  },
  presets: {
    "released:verlAgent": {},
    "released:verlAgentStd": { normalizeByStd: true },
    "released:istar": { unit: "trajectory" },
  },
  lanes: {
    reward: { level: "trajectory", doc: "outcome reward" },
    mean: { level: "trajectory", doc: "mean outcome of the task" },
    std: { level: "trajectory", doc: "standard deviation of the outcomes (n − 1)" },
    episode: { level: "trajectory", kind: "component", doc: "advantage of the episode" },
    returns: { level: "turn", doc: "discounted return of the turn" },
    stateGroup: { level: "turn", doc: "number of the turn's state in its task" },
    stateSize: { level: "turn", doc: "turns of the task that answered the same state, itself among them" },
    stateMean: { level: "turn", doc: "their mean return" },
    stateStd: { level: "turn", doc: "their standard deviation (n − 1)" },
    state: { level: "turn", doc: "advantage of the turn in its state" },
    weighted: { level: "turn", kind: "component", doc: "the same times ω" },
    loneStates: { level: "batch", doc: "share of the turns that are alone in their state" },
  },
  run(batch, params, out) {
    const { reward, mean, std, episode, returns, stateGroup, stateSize, stateMean, stateStd, state } = out;
    const { nRollouts, turns, group, nGroups } = batch;
    const unit = (deviation: number): number => (params.normalizeByStd ? deviation + params.epsilon : 1);

    reward.set(batch.reward);
    const weight =
      params.unit === "turn" ? reward.map((_, r) => turns[r + 1]! - turns[r]!) : reward.map(() => 1);
    const size = new Float64Array(nRollouts);
    keyedMoments({ key: group, nKeys: nGroups, weight }, reward, params.singleton, {
      mean,
      variance: std,
      size,
    });
    for (let r = 0; r < nRollouts; r++) {
      std[r] = Math.sqrt(std[r]!);
      episode[r] = (reward[r]! - mean[r]!) / unit(std[r]!);
    }

    if (params.returns === "logged") returns.set(batch["turn.step_rewards"]!);
    else suffixSums(turns, batch.turnReward!, params.gamma, returns);
    const key = new Int32Array(returns.length);
    const nKeys =
      params.similarity < 1
        ? similarStateGroups(batch, batch.stateText!, params.similarity, key)
        : stateGroups(batch, batch.state, key);
    returns.forEach((x, u) => {
      // A turn whose return is not known is no member of its state: it would leave the others none either.
      if (Number.isNaN(x)) key[u] = -1;
      stateGroup[u] = key[u]! < 0 ? NaN : key[u]!;
    });
    keyedMoments({ key, nKeys }, returns, "zero", { mean: stateMean, variance: stateStd, size: stateSize });
    rolloutOfTurns(batch).forEach((r, u) => {
      // The release divides the 0 of a turn that is alone by a deviation of 1.
      stateStd[u] = stateSize[u] === 1 ? 1 : Math.sqrt(stateStd[u]!);
      state[u] = (returns[u]! - stateMean[u]!) / unit(stateStd[u]!);
      out.weighted[u] = params.omega * state[u]!;
      out.credit[u] = episode[r]! + out.weighted[u]!;
    });
    out.loneStates[0] = stateSize.filter((n) => n === 1).length / stateSize.length;
  },
  formula: ({ normalizeByStd }) => [
    {
      left: "A^E",
      symbols: normalizeByStd ? "(R − mean) / (std + ε)" : "R − mean",
      numbers: normalizeByStd ? "({reward} − {mean}) / ({std} + {epsilon})" : "{reward} − {mean}",
      equals: "episode",
    },
    {
      left: "A^S",
      symbols: normalizeByStd ? "(G − mean_s) / (std_s + ε)" : "G − mean_s",
      numbers: normalizeByStd
        ? "({returns} − {stateMean}) / ({stateStd} + {epsilon})"
        : "{returns} − {stateMean}",
      equals: "state",
    },
    { left: "A", symbols: "A^E + ωA^S", numbers: "{episode} + {omega} · {state}", equals: "credit" },
  ],
});
