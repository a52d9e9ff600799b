import type { Positions } from "../rollout/positions.ts";
import type { Trajectory } from "../rollout/trajectory.ts";

export interface PlacedRewards {
  /** One a position. */
  readonly rewards: Float64Array;
  /** `reward` is logged too and is not the sum of `tokens.rewards`. */
  readonly mismatch: boolean;
  /** A reward lies on a token with mask 0, where return methods lose it. */
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

function fromTokens(
  { turns, reward }: Trajectory,
  { n, turn, token, mask }: Positions,
): PlacedRewards | null {
  if (!turns.some(({ tokens }) => tokens?.columns.has("rewards") === true)) return null;
  const rewards = new Float64Array(n);
  let sum = 0;
  let onMasked = false;
  for (let t = 0; t < n; t++) {
    const x = turns[turn[t]!]!.tokens?.columns.get("rewards")?.[token[t]!] ?? NaN;
    rewards[t] = Number.isNaN(x) ? 0 : x;
    sum += rewards[t]!;
    onMasked ||= mask[t] === 0 && rewards[t] !== 0;
  }
  return { rewards, mismatch: !Number.isNaN(reward) && !close(sum, reward), onMasked };
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
function lastTrainedOf({ n, turn, mask }: Positions, i: number): number {
  for (let t = n - 1; t >= 0; t--) if (mask[t] === 1 && turn[t]! <= i) return t;
  return mask.indexOf(1);
}

function close(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * (1 + Math.abs(b));
}
