import type { BatchShape } from "../columns.ts";

export interface Band {
  readonly minRatio: number;
  readonly maxRatio: number;
}

/** True where an entropy lies strictly between the two multiples of its history; a history of 0 has nothing inside. */
export function insideBand(entropy: number, history: number, { minRatio, maxRatio }: Band): boolean {
  return entropy > history * minRatio && entropy < history * maxRatio;
}

/**
 * Weight of the penalty over training: 1 − 0.2·(1 − e^{−2p}) in the first half, 0.8·e^{−3p} in the second, p from 0 to 1 in
 * each. EPO `_calculate_epoch_based_entropy_weight`: it jumps at the middle and ends at 0.04.
 */
export function epochWeight(epoch: number, epochs: number): number {
  if (epochs <= 0) return 1;
  const now = Math.max(0, Math.min(epoch, epochs));
  const half = Math.floor(epochs / 2);
  if (now <= half) return half === 0 ? 1 : 1 - 0.2 * (1 - Math.exp((-2 * now) / half));
  return 0.8 * Math.exp((-3 * (now - half)) / (epochs - half));
}

/** Mean of x over the positions of each turn, masked ones too; NaN for a turn without tokens. */
export function turnMeans({ turnFrom, turnTo }: BatchShape, x: Float64Array, out: Float64Array): void {
  for (let u = 0; u < turnFrom.length; u++) {
    let sum = 0;
    for (let t = turnFrom[u]!; t < turnTo[u]!; t++) sum += x[t]!;
    out[u] = sum / (turnTo[u]! - turnFrom[u]!);
  }
}

/** Mean of x over the batch's turns of the same number (first turns, second turns, …), for each turn. */
export function meansByTurnNumber(
  { nRollouts, turns }: BatchShape,
  x: Float64Array,
  out: Float64Array,
): void {
  const longest = Math.max(0, ...Array.from({ length: nRollouts }, (_, r) => turns[r + 1]! - turns[r]!));
  for (let k = 0; k < longest; k++) {
    let sum = 0;
    let n = 0;
    for (let r = 0; r < nRollouts; r++) {
      const u = turns[r]! + k;
      if (u >= turns[r + 1]! || Number.isNaN(x[u]!)) continue;
      sum += x[u]!;
      n++;
    }
    for (let r = 0; r < nRollouts; r++) if (turns[r]! + k < turns[r + 1]!) out[turns[r]! + k] = sum / n;
  }
}
