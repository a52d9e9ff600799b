import { placeTurnRewards } from "../../credit/placeTurnRewards.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { meanOf } from "../../stats/moments.ts";
import { groupsOf, scopeOf } from "../batchScope.ts";
import { diagnostic, type MeasuredBatch, type Measurement } from "../diagnostic.ts";
import { lackingOf } from "../lacking.ts";

/** Discounted sum of the next `horizon` rewards from each turn on. */
export function truncatedReturns(
  rewards: ArrayLike<number>,
  { horizon, gamma }: { readonly horizon: number; readonly gamma: number },
): Float64Array {
  return Float64Array.from(rewards, (_, t) => {
    let sum = 0;
    for (let k = Math.min(horizon, rewards.length - t) - 1; k >= 0; k--) sum = rewards[t + k]! + gamma * sum;
    return sum;
  });
}

/**
 * Mean |A| over the turns of a group's rollouts, A being a turn's return minus the mean over the rollouts that have a turn
 * of that index; turns that only one rollout has are left out. NaN where there are none.
 */
export function meanAdvantage(returns: readonly ArrayLike<number>[]): number {
  const longest = returns.reduce((most, own) => Math.max(most, own.length), 0);
  const sizes: number[] = [];
  for (let t = 0; t < longest; t++) {
    const here = returns.filter((own) => t < own.length).map((own) => own[t]!);
    if (here.length < 2) continue;
    const mean = meanOf(here);
    for (const value of here) sizes.push(Math.abs(value - mean));
  }
  return meanOf(sizes);
}

/** How much a reward tells good actions from bad ones now. */
export const informativeness = diagnostic({
  id: "informativeness",
  label: "Informativeness of the reward",
  doc: "Mean size of the advantage of a turn under the rewards of the next turns, against the other rollouts of its group at the same turn: how much the reward separates the policy's good and bad actions within a horizon. 0 tells nothing.",
  paper: "https://arxiv.org/abs/2503.21949",
  status: "memory",
  scope: "batch",
  needs: ["turn.reward", "trajectory.group"],
  params: {
    horizon: { kind: "number", whole: true, default: 1, min: 1, doc: "turns whose rewards count" },
    gamma: { kind: "number", default: 1, min: 0, max: 1, doc: "discount by turn" },
  },
  presets: { default: {} },
  measure: (terms) => ({ batch: (batch) => [measureBatch(batch, terms)], end: () => [] }),
});

function measureBatch(
  batch: MeasuredBatch,
  { horizon, gamma }: { readonly horizon: number; readonly gamma: number },
): Measurement {
  const groups = groupsOf(batch)
    .map((group) => group.flatMap((trajectory) => rewardsOf(trajectory) ?? []))
    .filter((group) => group.length > 1);
  const scope = scopeOf(batch);
  if (groups.length === 0)
    return {
      scope,
      value: NaN,
      evidence: {},
      missing: lackingOf(batch.members, ["turn.reward", "trajectory.group"]),
    };
  const within = (turns: number): number =>
    meanOf(
      groups.map((group) =>
        meanAdvantage(group.map((rewards) => truncatedReturns(rewards, { horizon: turns, gamma }))),
      ),
    );
  return {
    scope,
    value: within(horizon),
    evidence: { groups: groups.length, horizon, over_whole_episodes: within(Infinity) },
  };
}

function rewardsOf(trajectory: Trajectory): Float64Array | null {
  const own = trajectory.turns.flatMap(({ trainable }, i) => (trainable ? [i] : []));
  return placeTurnRewards(trajectory, own);
}
