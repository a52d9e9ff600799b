import { meanOf } from "../../stats/moments.ts";
import { scopeOf } from "../batchScope.ts";
import { diagnostic, type MeasuredBatch, type Measurement } from "../diagnostic.ts";
import { loggedNumber } from "../loggedFields.ts";
import {
  boundsOf,
  coverageSpread,
  frontierRegret,
  hypervolume,
  isNearFrontier,
  paretoFrontier,
  type Payoff,
  welfareOf,
} from "../pareto.ts";
import { lackingOf } from "../lacking.ts";

interface Terms {
  readonly user: string;
  readonly model: string;
  readonly epsilon: number;
  readonly alpha: number;
}

/** GTAlign's view of two rewards of one answer. */
export const paretoWelfare = diagnostic({
  id: "paretoWelfare",
  label: "Mutual welfare",
  doc: "Mean welfare (geometric mean) of two rewards of each answer, the user's and the model's, with the frontier of the train step, the distance to it, the area below it, and how much of the run's range its answers span. The area is whole, unlike the release's, which counts its first rectangle only.",
  paper: "https://arxiv.org/abs/2510.08872",
  status: "code",
  scope: "batch",
  needs: ["trajectory.rewards.user_reward", "trajectory.rewards.llm_reward"],
  params: {
    user: {
      kind: "text",
      default: "rewards.user_reward",
      doc: "number of a rollout that is the user's reward",
    },
    model: {
      kind: "text",
      default: "rewards.llm_reward",
      doc: "number of a rollout that is the model's reward",
    },
    epsilon: {
      kind: "number",
      default: 0.05,
      min: 0,
      doc: "share of the range within which a point is near",
    },
    alpha: {
      kind: "number",
      default: 0.5,
      min: 0,
      max: 1,
      doc: "the user's part in the Cobb–Douglas welfare",
    },
  },
  presets: { "released:gtalign": {} },
  measure: (terms) => {
    const corners: Payoff[] = [];
    return { batch: (batch) => [measureBatch(batch, corners, terms)], end: () => [] };
  },
});

/** @param corners least and largest rewards of the run so far, which the batch's are added to */
function measureBatch(
  batch: MeasuredBatch,
  corners: Payoff[],
  { user, model, epsilon, alpha }: Terms,
): Measurement {
  const scope = scopeOf(batch);
  const missing = lackingOf(batch.members, [`trajectory.${user}`, `trajectory.${model}`]);
  const points = batch.members
    .map(({ trajectory }): Payoff => [loggedNumber(trajectory, user), loggedNumber(trajectory, model)])
    .filter((point) => point.every(Number.isFinite));
  if (points.length === 0) return { scope, value: NaN, evidence: {}, missing };
  const frontier = paretoFrontier(points);
  const bounds = boundsOf(points);
  const ranges: Payoff = [bounds.max[0] - bounds.min[0], bounds.max[1] - bounds.min[1]];
  const soFar = boundsOf([...corners, bounds.min, bounds.max]);
  corners.splice(0, corners.length, soFar.min, soFar.max);
  const near = points.filter((point) => isNearFrontier(point, frontier, { ranges, epsilon }));
  const { nash, cobbDouglas } = welfareOf(points, alpha);
  return {
    scope,
    value: nash,
    evidence: {
      answers: points.length,
      cobb_douglas: cobbDouglas,
      frontier,
      hypervolume: hypervolume(frontier, soFar.min),
      regret: meanOf(points.map((point) => frontierRegret(point, frontier, ranges))),
      near_frontier: near.length / points.length,
      spread: coverageSpread(points, soFar),
    },
    ...(points.length < batch.members.length ? { missing } : {}),
  };
}
