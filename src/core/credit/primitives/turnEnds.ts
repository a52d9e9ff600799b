import type { BatchShape } from "../columns.ts";

type TurnShape = Pick<BatchShape, "mask" | "turnFrom" | "turnTo">;

/** Last trained position of each turn, −1 where it has none. */
export function turnEnds({ mask, turnFrom, turnTo }: TurnShape): Int32Array {
  return turnFrom.map((from, u) => {
    const last = mask.subarray(from, turnTo[u]).lastIndexOf(1);
    return last < 0 ? -1 : from + last;
  });
}

/** A token column at the last trained position of each turn; NaN where it has none. */
export function atTurnEnds(batch: TurnShape, column: Float64Array): Float64Array {
  return Float64Array.from(turnEnds(batch), (end) => (end < 0 ? NaN : column[end]!));
}

/**
 * Rewards of turns at the turns' last trained positions. The reward of a turn without one goes to the turn before that has
 * one, else to the first that has, so that none is lost.
 */
export function placeAtTurnEnds(
  batch: BatchShape,
  turnReward: Float64Array,
  { reward, isEnd }: { readonly reward: Float64Array; readonly isEnd: Uint8Array },
): void {
  const ends = turnEnds(batch);
  for (let r = 0; r < batch.nRollouts; r++) {
    const [from, to] = [batch.turns[r]!, batch.turns[r + 1]!];
    let end = ends.subarray(from, to).find((own) => own >= 0) ?? -1;
    for (let u = from; u < to; u++) {
      if (ends[u]! >= 0) end = ends[u]!;
      if (end < 0) continue;
      isEnd[end] = 1;
      reward[end]! += turnReward[u]!;
    }
  }
}
