import { creditMethod } from "../method.ts";
import { meanSquaredError, rowSums } from "../primitives/calibration.ts";
import { othersMean } from "../primitives/groupStatistics.ts";
import { atTurnEnds } from "../primitives/turnEnds.ts";

/**
 * SPA-RL: a turn's reward is its share of the final reward as a progress estimator sees it, plus whether the action could be
 * carried out, r = αĉ + βg; the shares are meant to sum to the final reward.
 *
 * Wang et al. (arXiv:2505.20732); WangHanLinHenry/SPA-RL-Agent. The estimator is a scalar head read at the last token of every
 * turn of the policy. The data script that is published for WebShop overwrites what it said: every turn gets the final reward
 * minus the mean of the task's other trajectories (of one alone, the reward itself), and the last turn always counts as
 * carried out.
 */
export const spaRl = creditMethod({
  id: "spaRl",
  label: "SPA-RL",
  doc: "A turn's progress towards the final reward (`turn.progress`, or the column `progress` at the turn's last token), plus a bonus where the environment could carry its action out.",
  paper: "https://arxiv.org/abs/2505.20732",
  math: String.raw`r_k = \alpha \hat c_k + \beta g_k, \qquad \sum_k \hat c_k \approx R`,
  status: "code",
  level: "turn",
  comparesGroup: true,
  needs: [],
  uses: ["reward", "observation", "turn.progress", "turn.grounding", "mask", "token.progress"],
  alsoNeeds: ({ form, read, grounding }) => [
    ...(form === "released"
      ? (["reward"] as const)
      : read === "token"
        ? (["mask", "token.progress"] as const)
        : (["turn.progress"] as const)),
    grounding === "logged" ? ("turn.grounding" as const) : ("observation" as const),
  ],
  params: {
    form: {
      kind: "choice",
      choices: ["released", "progress"],
      default: "released",
      doc: "ĉ: the final reward minus the mean of the task's other trajectories at every turn (released script), or what the estimator logged (paper)",
    },
    baseline: {
      kind: "choice",
      choices: ["others", "none"],
      default: "others",
      doc: "of the released form: the mean of the task's other trajectories, or none; the paper's form has none",
    },
    read: {
      kind: "choice",
      choices: ["turn", "token"],
      default: "turn",
      doc: "where the estimator's scores stand: `turn.progress`, or the column `progress` at the turn's last trained token",
    },
    alpha: { kind: "number", default: 1, doc: "weight of the progress" },
    beta: { kind: "number", default: 0.5, doc: "weight of the grounding" },
    grounding: {
      kind: "choice",
      choices: ["observation", "logged"],
      default: "observation",
      doc: "g: 1 unless the environment's answer holds the failure's words, or as logged (`turn.grounding`)",
    },
    failure: {
      kind: "text",
      default: "Nothing happens",
      doc: "words of the environment that say that an action could not be carried out",
    },
    source: { kind: "text", default: "auto", doc: "token scores: auto, logged, or a scorer's name" },
  },
  presets: { "released:spaRlWebshop": {}, paper: { form: "progress", baseline: "none" } },
  lanes: {
    reward: { level: "trajectory", doc: "final reward" },
    others: {
      level: "trajectory",
      doc: "mean final reward of the task's other trajectories; 0 where there is none",
    },
    progress: { level: "turn", doc: "ĉ, the turn's share of the final reward" },
    grounding: { level: "turn", doc: "1 where the action could be carried out, else 0" },
    prediction: {
      level: "trajectory",
      doc: "sum of the shares: what the estimator takes the final reward for",
    },
    surplus: { level: "trajectory", doc: "that sum minus the final reward; 0 for a calibrated estimator" },
    error: { level: "batch", doc: "mean squared surplus: the loss the estimator was trained with" },
  },
  run(batch, params, out) {
    const { progress, grounding, reward, others, prediction, surplus, credit } = out;
    if (batch.reward !== null) reward.set(batch.reward);
    if (params.form === "released") {
      if (params.baseline === "others") othersMean(batch, reward, () => 0, others);
      else others.fill(0);
      for (let r = 0; r < batch.nRollouts; r++)
        progress.fill(reward[r]! - others[r]!, batch.turns[r], batch.turns[r + 1]);
    } else
      progress.set(
        params.read === "token" ? atTurnEnds(batch, batch["token.progress"]!) : batch["turn.progress"]!,
      );
    if (params.grounding === "logged") grounding.set(batch["turn.grounding"]!);
    else
      batch.observation!.forEach(
        (answer, u) => (grounding[u] = answer?.includes(params.failure) === true ? 0 : 1),
      );
    if (params.form === "released")
      for (let r = 0; r < batch.nRollouts; r++)
        if (batch.turns[r + 1]! > batch.turns[r]!) grounding[batch.turns[r + 1]! - 1] = 1;
    rowSums(batch.turns, progress, prediction);
    for (let r = 0; r < batch.nRollouts; r++) surplus[r] = prediction[r]! - reward[r]!;
    out.error[0] = meanSquaredError(prediction, reward);
    for (let u = 0; u < credit.length; u++)
      credit[u] = params.alpha * progress[u]! + params.beta * grounding[u]!;
  },
  formula: ({ form }) => [
    ...(form === "released"
      ? [
          {
            left: "ĉ",
            symbols: "R − mean of the others",
            numbers: "{reward} − {others}",
            equals: "progress",
          },
        ]
      : []),
    {
      left: "r",
      symbols: "αĉ + βg",
      numbers: "{alpha} · {progress} + {beta} · {grounding}",
      equals: "credit",
    },
  ],
});
