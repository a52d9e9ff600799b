import type { Trajectory } from "./trajectory.ts";

/**
 * The tokens of a trajectory's turns one after the other, as return methods and prefix methods see them:
 * from the first trained turn on, tool and environment tokens included with mask 0; a turn without tokens
 * that is not trained on counts as one position with mask 0.
 */
export interface Positions {
  readonly n: number;
  /** Turn of each position. */
  readonly turn: Int32Array;
  /** Index of the position's token in its turn; −1 for a turn that has no tokens. */
  readonly token: Int32Array;
  readonly mask: Uint8Array;
}

/** Positions of a trajectory; `n` is 0 where no trained turn has tokens. */
export function positionsOf(trajectory: Trajectory): Positions {
  const turns = trajectory.turns;
  const first = firstTrained(trajectory);
  let n = 0;
  for (let i = first.turn; i < turns.length; i++) n += positionCount(trajectory, i);
  n = first.turn < turns.length ? n - first.token : 0;
  const turn = new Int32Array(n);
  const token = new Int32Array(n);
  const mask = new Uint8Array(n);
  let p = 0;
  for (let i = first.turn; i < turns.length; i++) {
    const tokens = turns[i]!.tokens;
    if (tokens === null && positionCount(trajectory, i) === 1) {
      turn[p] = i;
      token[p++] = -1;
    }
    if (tokens === null) continue;
    for (let t = i === first.turn ? first.token : 0; t < tokens.n; t++) {
      turn[p] = i;
      token[p] = t;
      mask[p++] = tokens.mask[t]!;
    }
  }
  return { n, turn, token, mask };
}

function positionCount(trajectory: Trajectory, i: number): number {
  const turn = trajectory.turns[i]!;
  if (turn.tokens !== null) return turn.tokens.n;
  return turn.trainable ? 0 : 1;
}

/** Where positions begin: a trainable turn that has tokens, or the first token with mask 1 of any other turn. */
function firstTrained(trajectory: Trajectory): { turn: number; token: number } {
  for (let i = 0; i < trajectory.turns.length; i++) {
    const { tokens, trainable } = trajectory.turns[i]!;
    if (tokens === null) continue;
    if (trainable && tokens.n > 0) return { turn: i, token: 0 };
    const token = tokens.mask.indexOf(1);
    if (token >= 0) return { turn: i, token };
  }
  return { turn: trajectory.turns.length, token: 0 };
}
