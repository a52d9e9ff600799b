import { creditMethod, type MethodInput } from "../method.ts";
import { appliedStatistics } from "../primitives/appliedStatistics.ts";
import { cosineFall, cosineRise, toolCallReward } from "../primitives/replay.ts";

/**
 * SPEAR, self-imitation with a curriculum: rollouts of the policy are compared with their group, those from the replay
 * buffer with past train steps, and their loss is let in along a cosine.
 *
 * Qin et al. (arXiv:2509.22601); TencentYoutuResearch/SPEAR `ray_trainer_hybrid.py`, `episode.py`, `dp_actor.py`. A replayed
 * rollout's advantage is (R − P50 of past group means) / (P50 of past group deviations + ε), where it falls below 0 the
 * rollout is dropped; or its old advantage times 0.9. Replayed rollouts do not enter the statistics of their group. A log
 * says which were replayed: `replayed`, `replay_age` (train steps since sampled), `history_mean` and `history_std` (the two
 * P50), `old_advantage`. The reward of a log holds the intrinsic tool reward already; `toolReward` adds it where it does not.
 */
export const spear = creditMethod({
  id: "spear",
  label: "SPEAR",
  doc: "Group advantage for the policy's own rollouts; for those from a replay buffer, an advantage against past steps, weighted by a schedule.",
  paper: "https://arxiv.org/abs/2509.22601",
  math: String.raw`A_i = R_i - \operatorname{mean}(R_g), \qquad A^{\mathrm{replay}}_i = c\,\frac{1 - \cos(\pi s / S)}{2}\,\max\left(0, R_i - P_{50}\right)`,
  status: "code",
  level: "trajectory",
  comparesGroup: true,
  needs: ["reward"],
  uses: [
    "trajectory.train_step",
    "trajectory.replayed",
    "trajectory.replay_age",
    "trajectory.history_mean",
    "trajectory.history_std",
    "trajectory.old_advantage",
  ],
  params: {
    normalizeByStd: {
      kind: "boolean",
      default: false,
      doc: "divide by the standard deviation, the group's or that of the history",
    },
    epsilon: { kind: "number", default: 1e-6, min: 0, doc: "added to the standard deviation" },
    replay: {
      kind: "choice",
      choices: ["history", "decay"],
      default: "history",
      doc: "advantage of a replayed rollout: against past steps (`history_mean`, `history_std`), or `old_advantage` times `decay`",
    },
    decay: { kind: "number", default: 0.9, min: 0, max: 1, doc: "what an old advantage is multiplied by" },
    maxAge: {
      kind: "number",
      default: 10,
      min: 0,
      doc: "a rollout older than this is dropped; unknown ages are kept",
    },
    replayCoefficient: { kind: "number", default: 1, min: 0, doc: "weight of the replay loss, c" },
    replaySteps: {
      kind: "number",
      default: 100,
      min: 1,
      doc: "train steps over which the replay loss is let in, S",
    },
    toolReward: {
      kind: "choice",
      choices: ["logged", "constant", "cosine"],
      default: "logged",
      doc: "min(1, 0.1 a turn): in the logged reward already, to be added, or to be added as it fades out",
    },
    toolSteps: {
      kind: "number",
      default: 200,
      min: 1,
      doc: "train steps over which the tool reward fades out",
    },
  },
  presets: { "released:spear": {}, "released:spearStd": { normalizeByStd: true } },
  lanes: {
    toolReward: { level: "trajectory", doc: "intrinsic reward for acting, at this train step" },
    reward: { level: "trajectory", doc: "outcome reward, with the tool reward where it is added" },
    baseline: { level: "trajectory", doc: "mean of the group's own rollouts; replayed: P50 of the history" },
    scale: { level: "trajectory", doc: "what the difference is divided by" },
    advantage: { level: "trajectory", kind: "base", doc: "advantage before the filter and the schedule" },
    kept: { level: "trajectory", doc: "0: a replayed rollout that is dropped, as too old or below 0" },
    weight: {
      level: "trajectory",
      kind: "weight",
      doc: "weight in the loss: the schedule's for replayed ones, else 1",
    },
  },
  run(batch, params, { toolReward, reward, baseline, scale, advantage, kept, weight, credit }) {
    const step = batch["trajectory.train_step"]!;
    const isReplayed = batch["trajectory.replayed"]!;
    for (let r = 0; r < batch.nRollouts; r++) {
      const fades = params.toolReward === "constant" ? 1 : cosineFall(step[r]!, params.toolSteps);
      toolReward[r] = fades * toolCallReward(batch.turns[r + 1]! - batch.turns[r]!);
      reward[r] = batch.reward[r]! + (params.toolReward === "logged" ? 0 : toolReward[r]!);
    }
    const own = reward.map((x, r) => (isReplayed[r] === 1 ? NaN : x));
    const { mean, variance } = appliedStatistics(batch, own, "raw");
    for (let r = 0; r < batch.nRollouts; r++) {
      const replayed = isReplayed[r] === 1;
      const past = replayed ? replayedBaseline(batch, r, params.replay) : null;
      baseline[r] = past?.mean ?? mean[r]!;
      const std = past?.std ?? Math.sqrt(variance[r]!);
      scale[r] = params.normalizeByStd && !(replayed && params.replay === "decay") ? std + params.epsilon : 1;
      advantage[r] =
        replayed && params.replay === "decay"
          ? params.decay * batch["trajectory.old_advantage"]![r]!
          : (reward[r]! - baseline[r]!) / scale[r]!;
      const isOld = batch["trajectory.replay_age"]![r]! > params.maxAge;
      kept[r] = replayed && (isOld || advantage[r]! < 0) ? 0 : 1;
      weight[r] = replayed ? params.replayCoefficient * cosineRise(step[r]!, params.replaySteps) : 1;
      credit[r] = kept[r]! * weight[r]! * advantage[r]!;
    }
  },
  formula: () => [
    {
      left: "credit",
      symbols: "kept · w · A",
      numbers: "{kept} · {weight} · {advantage}",
      equals: "credit",
    },
  ],
});

type HistoryInput = MethodInput<
  never,
  "trajectory.history_mean" | "trajectory.history_std" | "trajectory.old_advantage"
>;

/** What a replayed rollout is compared with; an old advantage that only decays has no baseline. */
function replayedBaseline(
  batch: HistoryInput,
  r: number,
  replay: "history" | "decay",
): { readonly mean: number; readonly std: number } {
  if (replay === "decay") return { mean: NaN, std: NaN };
  return { mean: batch["trajectory.history_mean"]![r]!, std: batch["trajectory.history_std"]![r]! };
}
