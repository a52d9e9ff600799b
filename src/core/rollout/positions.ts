import type { Trajectory, Turn } from "./trajectory.ts";

/**
 * The tokens of a trajectory's turns one after the other, as return methods and prefix methods see them:
 * from the first trained turn on, tool and environment tokens included with mask 0; a turn without tokens
 * that is not trained on counts as one position with mask 0.
 */
export interface Positions {
  readonly n: number;
  /** First position of each turn; one more at the end, so that turn `i` owns `[first[i], first[i + 1])`. */
  readonly first: Int32Array;
  /** Turn of each position. */
  readonly turn: Int32Array;
  /** Index of the position's token in its turn; −1 for a turn that has no tokens. */
  readonly token: Int32Array;
  readonly mask: Uint8Array;
}

/** Positions of a trajectory; `n` is 0 where no trained turn has tokens. */
export function positionsOf({ turns }: Trajectory): Positions {
  const start = firstTrained(turns);
  const first = new Int32Array(turns.length + 1);
  turns.forEach((turn, i) => {
    const skipped = i === start.turn ? start.token : 0;
    first[i + 1] = first[i]! + (i < start.turn ? 0 : positionCount(turn) - skipped);
  });
  const n = first[turns.length]!;
  const turnOf = new Int32Array(n);
  const token = new Int32Array(n);
  const mask = new Uint8Array(n);
  turns.forEach(({ tokens }, i) => {
    const from = first[i]!;
    const skipped = i === start.turn ? start.token : 0;
    for (let p = from; p < first[i + 1]!; p++) {
      turnOf[p] = i;
      token[p] = tokens === null ? -1 : skipped + p - from;
      mask[p] = tokens?.mask[token[p]!] ?? 0;
    }
  });
  return { n, first, turn: turnOf, token, mask };
}

/** Position of a turn's token, −1 where it has none. */
export function positionAt({ first, token }: Positions, turn: number, index: number): number {
  const from = first[turn]!;
  const to = first[turn + 1]!;
  if (from === to || token[from] === -1) return -1;
  const position = from + index - token[from]!;
  return position >= from && position < to ? position : -1;
}

function positionCount({ tokens, trainable }: Turn): number {
  return tokens?.n ?? (trainable ? 0 : 1);
}

/** Where positions begin: a trainable turn that has tokens, or the first token with mask 1 of any other turn. */
function firstTrained(turns: readonly Turn[]): { turn: number; token: number } {
  for (let i = 0; i < turns.length; i++) {
    const { tokens, trainable } = turns[i]!;
    if (tokens === null) continue;
    if (trainable && tokens.n > 0) return { turn: i, token: 0 };
    const token = tokens.mask.indexOf(1);
    if (token >= 0) return { turn: i, token };
  }
  return { turn: turns.length, token: 0 };
}
