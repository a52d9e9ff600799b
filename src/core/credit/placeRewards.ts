import type { Positions } from "../rollout/positions.ts";
import type { Trajectory } from "../rollout/trajectory.ts";

export interface PlacedRewards {
  /** One a position. */
  readonly rewards: Float64Array;
  /** `reward` is logged too and is not the sum of `tokens.rewards`. */
  readonly mismatch: boolean;
  /** A reward lies on a token that is not trained on, where return methods lose it. */
  readonly onMasked: boolean;
}

/**
 * Rewards where return methods read them: `tokens.rewards` where the log has them (null = no reward at that token);
 * else each turn's reward at its last trained token, and `reward` at the last one, unless the turns' rewards already
 * sum to it. Null where the log holds no reward at all.
 */
export function placeRewards(trajectory: Trajectory, positions: Positions): PlacedRewards | null {
  return fromTokens(trajectory, positions) ?? fromTurns(trajectory, positions);
}

/** Null where no token has a reward: a column of nulls says nothing, and is not a reward of 0. */
function fromTokens(
  { turns, reward }: Trajectory,
  { n, first, token, mask }: Positions,
): PlacedRewards | null {
  const rewards = new Float64Array(n);
  let sum = NaN;
  let logged = 0;
  let kept = 0;
  turns.forEach(({ tokens }, i) => {
    const column = tokens?.columns.get("rewards");
    if (column === undefined) return;
    for (const x of column) {
      if (Number.isNaN(x)) continue;
      sum = (Number.isNaN(sum) ? 0 : sum) + x;
      if (x !== 0) logged++;
    }
    for (let p = first[i]!; p < first[i + 1]!; p++) {
      const x = column[token[p]!]!;
      rewards[p] = Number.isNaN(x) ? 0 : x;
      if (mask[p] === 1 && rewards[p] !== 0) kept++;
    }
  });
  if (Number.isNaN(sum)) return null;
  return { rewards, mismatch: !Number.isNaN(reward) && !close(sum, reward), onMasked: logged > kept };
}

function fromTurns({ turns, reward }: Trajectory, positions: Positions): PlacedRewards | null {
  const rewards = new Float64Array(positions.n);
  let sum = NaN;
  turns.forEach((turn, i) => {
    if (Number.isNaN(turn.reward)) return;
    sum = (Number.isNaN(sum) ? 0 : sum) + turn.reward;
    const at = lastTrainedOf(positions, i);
    if (at >= 0) rewards[at]! += turn.reward;
  });
  if (Number.isNaN(sum) && Number.isNaN(reward)) return null;
  const contained = !Number.isNaN(sum) && close(sum, reward);
  const last = positions.mask.lastIndexOf(1);
  if (!Number.isNaN(reward) && !contained && last >= 0) rewards[last]! += reward;
  return { rewards, mismatch: false, onMasked: false };
}

/** Last trained position of a turn or of those before it: the action the reward answers; else the first trained one. */
function lastTrainedOf({ first, mask }: Positions, turn: number): number {
  const last = mask.subarray(0, first[turn + 1]).lastIndexOf(1);
  return last >= 0 ? last : mask.indexOf(1);
}

function close(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * (1 + Math.abs(b));
}
