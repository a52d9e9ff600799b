import type { BatchShape } from "../columns.ts";

/** Length P each. Those of turns hold the number of the turn's end at each of its positions; NaN where there is none. */
export interface BiLevelLanes {
  readonly turnValue: Float64Array;
  readonly turnNextValue: Float64Array;
  readonly turnNextAdvantage: Float64Array;
  readonly turnReturn: Float64Array;
  readonly reward: Float64Array;
  readonly nextValue: Float64Array;
  readonly nextAdvantage: Float64Array;
  readonly advantage: Float64Array;
}

export interface BiLevelOptions {
  /** Discount a token. */
  readonly gamma: number;
  /** Discount a turn. */
  readonly turnGamma: number;
  readonly lambda: number;
}

/**
 * GAE over the turns' ends, whose return becomes the reward of that end; then GAE over the trained tokens of each turn, begun
 * anew at every end. Masked positions get 0, but for an end on one, which gets its turn's advantage.
 *
 * RAGEN `compute_bi_level_gae_advantage_return`. A rollout whose last trained token is no end has no credit, NaN: the release
 * runs past the end of its row there.
 * @param turnReward length P: the reward of the turn that ends there
 * @param isEnd length P, 1 = a turn ends there
 * @returns length R, 1 = the rollout has credit
 */
export function biLevelGae(
  batch: BatchShape,
  columns: { readonly turnReward: Float64Array; readonly isEnd: Uint8Array; readonly value: Float64Array },
  options: BiLevelOptions,
  lanes: BiLevelLanes,
): Uint8Array {
  const { nRollouts, positions, mask } = batch;
  const whole = new Uint8Array(nRollouts);
  for (let r = 0; r < nRollouts; r++) {
    const range = { from: positions[r]!, to: positions[r + 1]! };
    lanes.advantage.fill(0, range.from, range.to);
    overTurns(range, columns, options, lanes);
    const last = mask.subarray(range.from, range.to).lastIndexOf(1);
    if (last >= 0 && columns.isEnd[range.from + last] === 0) {
      const { advantage, turnReturn, turnNextValue, turnNextAdvantage } = lanes;
      for (const lane of [advantage, turnReturn, turnNextValue, turnNextAdvantage])
        lane.fill(NaN, range.from, range.to);
      continue;
    }
    whole[r] = 1;
    overTokens(batch, range, { ...columns, ...options }, lanes);
  }
  return whole;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

function overTurns(
  { from, to }: Range,
  { turnReward, isEnd, value }: { turnReward: Float64Array; isEnd: Uint8Array; value: Float64Array },
  { turnGamma, lambda }: BiLevelOptions,
  lanes: BiLevelLanes,
): void {
  let [valueAfter, advantageAfter] = [0, 0];
  for (let t = to - 1; t >= from; t--) {
    if (isEnd[t] === 1) {
      lanes.turnNextValue[t] = valueAfter;
      lanes.turnNextAdvantage[t] = advantageAfter;
      const delta = turnReward[t]! + turnGamma * valueAfter - value[t]!;
      advantageAfter = delta + turnGamma * lambda * advantageAfter;
      valueAfter = value[t]!;
      lanes.turnValue[t] = valueAfter;
      lanes.turnReturn[t] = advantageAfter + valueAfter;
      lanes.advantage[t] = advantageAfter;
    } else if (t + 1 < to) {
      for (const lane of [lanes.turnNextValue, lanes.turnNextAdvantage, lanes.turnValue, lanes.turnReturn])
        lane[t] = lane[t + 1]!;
    }
  }
}

function overTokens(
  { mask }: BatchShape,
  { from, to }: Range,
  columns: BiLevelOptions & { readonly isEnd: Uint8Array; readonly value: Float64Array },
  lanes: BiLevelLanes,
): void {
  const { gamma, lambda, isEnd, value } = columns;
  let [valueAfter, advantageAfter] = [0, 0];
  for (let t = to - 1; t >= from; t--) {
    if (mask[t] === 0) continue;
    if (isEnd[t] === 1) [valueAfter, advantageAfter] = [0, 0];
    lanes.reward[t] = isEnd[t] === 1 ? lanes.turnReturn[t]! : 0;
    lanes.nextValue[t] = valueAfter;
    lanes.nextAdvantage[t] = advantageAfter;
    advantageAfter = lanes.reward[t]! + gamma * valueAfter - value[t]! + gamma * lambda * advantageAfter;
    valueAfter = value[t]!;
    lanes.advantage[t] = advantageAfter;
  }
}
