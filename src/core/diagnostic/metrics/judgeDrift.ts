import type { Trajectory } from "../../rollout/trajectory.ts";
import { groupsOf, scopeOf } from "../batchScope.ts";
import { diagnostic, type MeasuredBatch, type Measurement } from "../diagnostic.ts";
import {
  closeCalls,
  distributionShift,
  type Judged,
  judgeQuality,
  type JudgeQuality,
} from "../judgeScores.ts";
import { loggedNumber } from "../loggedFields.ts";
import { lackingOf } from "../lacking.ts";

interface Terms {
  readonly score: string;
  readonly truth: string;
  readonly threshold: number;
  readonly margin: number;
  readonly alarm: number;
}

/** The first train step: what later ones are compared with. */
interface Start {
  readonly quality: JudgeQuality;
  readonly scores: readonly number[];
}

/** How a reward model agrees with rule-verified outcomes over training. */
export const judgeDrift = diagnostic({
  id: "judgeDrift",
  label: "Reward model against rules",
  doc: "Precision and recall of a reward model's scores against rule-verified outcomes by train step, its margin between right and wrong, the shift of its scores since the first step, and pairs of a right and a wrong response that it hardly tells apart.",
  paper: "https://arxiv.org/abs/2508.05613",
  status: "text",
  scope: "batch",
  needs: ["trajectory.rewards.rm", "trajectory.success"],
  params: {
    score: {
      kind: "text",
      default: "rewards.rm",
      doc: "number of a rollout that is the reward model's score",
    },
    truth: {
      kind: "text",
      default: "success",
      doc: "number of a rollout that a rule gave: above 0 is right",
    },
    threshold: { kind: "number", default: 0.5, doc: "scores from here on are accepted" },
    margin: { kind: "number", default: 0, doc: "pairs with at most this margin are listed" },
    alarm: { kind: "number", default: 0.1, min: 0, max: 1, doc: "loss of precision or recall worth a look" },
  },
  presets: { default: {} },
  measure: (terms) => {
    const starts: Start[] = [];
    return { batch: (batch) => [measureBatch(batch, starts, terms)], end: () => [] };
  },
});

/** @param starts the first train step, which the first call adds */
function measureBatch(batch: MeasuredBatch, starts: Start[], terms: Terms): Measurement {
  const { score, truth, threshold, margin, alarm } = terms;
  const judged = batch.members.flatMap(({ trajectory }) => judgedOf(trajectory, terms));
  const missing = lackingOf(batch.members, [`trajectory.${score}`, `trajectory.${truth}`]);
  if (judged.length === 0) return { scope: scopeOf(batch), value: NaN, evidence: {}, missing };
  const quality = judgeQuality(judged, threshold);
  const scores = judged.map((one) => one.score);
  if (starts.length === 0) starts.push({ quality, scores });
  const start = starts[0]!;
  const lost = Math.max(start.quality.precision - quality.precision, start.quality.recall - quality.recall);
  const pairs = groupsOf(batch).flatMap((group) =>
    closeCalls(
      group.flatMap((one) => judgedOf(one, terms)),
      margin,
    ),
  );
  return {
    scope: scopeOf(batch),
    value: quality.precision,
    evidence: {
      judged: judged.length,
      recall: quality.recall,
      margin: quality.margin,
      shift: distributionShift(start.scores, scores),
      close_pairs: pairs.length,
      closest: pairs.slice(0, 5).map((pair) => ({ ...pair })),
    },
    ...(judged.length < batch.members.length || Number.isNaN(quality.precision) ? { missing } : {}),
    alarm: lost > alarm,
  };
}

function judgedOf(trajectory: Trajectory, { score, truth }: Terms): readonly Judged[] {
  const [given, outcome] = [loggedNumber(trajectory, score), loggedNumber(trajectory, truth)];
  if (Number.isNaN(given) || Number.isNaN(outcome)) return [];
  return [{ id: trajectory.id, score: given, isRight: outcome > 0 }];
}
