import type { BatchShape } from "../columns.ts";

/** Half-open intervals of positions: the rollouts, or the turns of the policy. */
export interface Spans {
  readonly from: Int32Array;
  readonly to: Int32Array;
}

export function rolloutSpans({ positions }: BatchShape): Spans {
  return { from: positions.subarray(0, -1), to: positions.subarray(1) };
}

export function turnSpans({ turnFrom, turnTo }: BatchShape): Spans {
  return { from: turnFrom, to: turnTo };
}

/** Where a span's implicit rewards go: to each token, to each but the last trained one, all to the last trained one. */
export type RewardPlace = "token" | "allButLast" | "last";

export interface ImplicitRewardOptions {
  readonly beta: number;
  /** 0: each token its own log-ratio; above: the sum of those from it on, the next weighed by λ. */
  readonly lambda: number;
  readonly place: RewardPlace;
  /** Length of the spans: the last trained token's reward becomes outcome − Σ of those before; null = as it is. */
  readonly outcome: Float64Array | null;
}

/** log π − log π_ref of each position; without a reference (null) log π. */
export function logRatios(policy: Float64Array, reference: Float64Array | null, ratio: Float64Array): void {
  for (let t = 0; t < ratio.length; t++) ratio[t] = policy[t]! - (reference === null ? 0 : reference[t]!);
}

/**
 * Implicit process rewards r = βq of the log-ratios q, over the trained tokens of each span; 0 at the others.
 *
 * PRIME `compute_implicit_reward`; verl's recipe and iStar, `_forward_micro_batch`.
 */
export function implicitRewards(
  { mask }: BatchShape,
  { from, to }: Spans,
  q: Float64Array,
  { beta, lambda, place, outcome }: ImplicitRewardOptions,
  reward: Float64Array,
): void {
  reward.fill(0);
  for (let s = 0; s < from.length; s++) {
    const last = mask.subarray(0, to[s]).lastIndexOf(1);
    if (last < from[s]!) continue;
    for (let t = from[s]!; t <= last; t++) if (mask[t] === 1) reward[t] = beta * q[t]!;
    if (outcome !== null) reward[last] = outcome[s]! - sumOf(reward, from[s]!, last);
    if (lambda !== 0) accumulate(mask, from[s]!, last, lambda, reward);
    if (place === "allButLast") reward[last] = 0;
    if (place === "last") {
      const whole = sumOf(reward, from[s]!, last + 1);
      reward.fill(0, from[s], last);
      reward[last] = whole;
    }
  }
}

function accumulate(mask: Uint8Array, from: number, last: number, lambda: number, x: Float64Array): void {
  let running = 0;
  for (let t = last; t >= from; t--) if (mask[t] === 1) x[t] = running = x[t]! + lambda * running;
}

function sumOf(x: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let t = from; t < to; t++) sum += x[t]!;
  return sum;
}

/** Sum of x over each span. */
export function spanSums({ from, to }: Spans, x: Float64Array, sum: Float64Array): void {
  for (let s = 0; s < from.length; s++) sum[s] = sumOf(x, from[s]!, to[s]!);
}

/**
 * Greatest |Σ from a position to its span's end| over the batch, plus 1e-6: what PRIME and iStar divide rewards by, so
 * that no return is above 1 (`batch_norm`).
 */
export function returnBound({ from, to }: Spans, reward: Float64Array): number {
  let most = 0;
  for (let s = 0; s < from.length; s++) {
    let running = 0;
    for (let t = to[s]! - 1; t >= from[s]!; t--) {
      running += reward[t]!;
      most = Math.max(most, Math.abs(running));
    }
  }
  return most + 1e-6;
}
