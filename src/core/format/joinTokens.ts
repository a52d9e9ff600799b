import type { TokenColumns } from "../rollout/tokenColumns.ts";
import type { Trajectory } from "../rollout/trajectory.ts";

/**
 * The trajectory with the token columns that `other`, another log of the same rollout, has and it lacks. Both must hold
 * the same ids, though cut into other turns; else nothing is added. A column that a turn logs itself stays as it is; one
 * that has no number for a turn is not added to it.
 */
export function joinTokens(trajectory: Trajectory, other: Trajectory): Trajectory {
  const ids = idsOf(trajectory);
  const theirs = idsOf(other);
  if (ids === null || theirs === null || !sameIds(ids, theirs)) return trajectory;
  const columns = wholeColumns(other, ids.length);
  let from = 0;
  const turns = trajectory.turns.map((turn) => {
    if (turn.tokens === null) return turn;
    const to = from + turn.tokens.n;
    const tokens = withColumns(turn.tokens, columns, from, to);
    from = to;
    return tokens === turn.tokens ? turn : { ...turn, tokens };
  });
  return { ...trajectory, turns };
}

function withColumns(
  tokens: TokenColumns,
  more: ReadonlyMap<string, Float64Array>,
  from: number,
  to: number,
): TokenColumns {
  const columns = new Map(tokens.columns);
  for (const [name, column] of more) {
    if (columns.has(name)) continue;
    const own = column.slice(from, to);
    if (!own.every(Number.isNaN)) columns.set(name, own);
  }
  return columns.size === tokens.columns.size ? tokens : { ...tokens, columns };
}

/** Columns over all tokens; NaN in turns that lack them. */
function wholeColumns({ turns }: Trajectory, n: number): Map<string, Float64Array> {
  const whole = new Map<string, Float64Array>();
  let from = 0;
  for (const { tokens } of turns) {
    for (const [name, column] of tokens?.columns ?? []) {
      let all = whole.get(name);
      if (all === undefined) whole.set(name, (all = new Float64Array(n).fill(NaN)));
      all.set(column, from);
    }
    from += tokens?.n ?? 0;
  }
  return whole;
}

/** Ids of all turns; null where some are missing. */
function idsOf({ turns }: Trajectory): Int32Array | null {
  const parts = turns.flatMap(({ tokens }) => (tokens === null ? [] : [tokens.ids]));
  if (parts.length === 0 || parts.includes(null)) return null;
  const all = new Int32Array(parts.reduce((sum, part) => sum + part!.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part!, at);
    at += part!.length;
  }
  return all;
}

function sameIds(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((id, t) => id === b[t]);
}
