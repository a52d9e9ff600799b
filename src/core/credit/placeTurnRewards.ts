import type { Trajectory } from "../rollout/trajectory.ts";

/**
 * Rewards of the policy's turns, as turn methods read them: `tokens.rewards` where the log has them, summed from a turn
 * on to the policy's next; else each turn's reward at the policy's turn that it answers, and `reward` at the last one,
 * unless the turns' rewards already sum to it. Null where the log holds no reward at all.
 * @param policy indices of the policy's turns, ascending
 */
export function placeTurnRewards(
  { turns, reward }: Trajectory,
  policy: readonly number[],
): Float64Array | null {
  if (policy.length === 0) return null;
  const out = new Float64Array(policy.length);
  const answered = (turn: number): number =>
    Math.max(
      0,
      policy.findLastIndex((own) => own <= turn),
    );
  let sum = NaN;
  const add = (turn: number, x: number): void => {
    if (Number.isNaN(x)) return;
    sum = (Number.isNaN(sum) ? 0 : sum) + x;
    out[answered(turn)]! += x;
  };
  turns.forEach(({ tokens }, i) => tokens?.columns.get("rewards")?.forEach((x) => add(i, x)));
  if (!Number.isNaN(sum)) return out;
  turns.forEach((turn, i) => add(i, turn.reward));
  if (Number.isNaN(sum) && Number.isNaN(reward)) return null;
  const isContained = !Number.isNaN(sum) && Math.abs(sum - reward) <= 1e-9 * (1 + Math.abs(reward));
  if (!Number.isNaN(reward) && !isContained) out[out.length - 1]! += reward;
  return out;
}
