/** What an n-gram penalty is made with. */
export interface NgramPenalty {
  /** Length of an n-gram in tokens, at least 1. */
  readonly size: number;
  /** What a repeated token gets, at most 0. */
  readonly maxPenalty: number;
  /** An n-gram that starts inside the repeated one before it does not count. */
  readonly onlyStart: boolean;
}

/**
 * Mean over the tokens of what each gets: `maxPenalty` where an n-gram that was there before covers it, else 0; 0 for a
 * response shorter than an n-gram. (HAPO, `compute_repetition_penalty_reward`.)
 * @throws RangeError when the penalty is positive
 */
export function ngramPenalty(ids: ArrayLike<number>, { size, maxPenalty, onlyStart }: NgramPenalty): number {
  refusePositive(maxPenalty);
  const n = ids.length;
  if (maxPenalty === 0 || n < size || n === 0) return 0;
  const isRepeated = new Uint8Array(n);
  const seen = new Set<string>();
  let end = -1;
  for (let t = 0; t + size <= n; t++) {
    const key = ngramAt(ids, t, size);
    if (!seen.has(key)) {
      seen.add(key);
      continue;
    }
    if (!onlyStart || t > end) isRepeated.fill(1, t, t + size);
    end = t + size - 1;
  }
  return (isRepeated.reduce((sum, one) => sum + one, 0) * maxPenalty) / n;
}

/**
 * (1 − distinct / all n-grams) · `maxPenalty`. NaN where there is no n-gram: the released function divides by zero there.
 * (HAPO, `compute_repetition_penalty_reward_1`.)
 * @throws RangeError when the penalty is positive
 */
export function distinctPenalty(
  ids: ArrayLike<number>,
  { size, maxPenalty }: Pick<NgramPenalty, "size" | "maxPenalty">,
): number {
  refusePositive(maxPenalty);
  if (maxPenalty === 0) return 0;
  const seen = new Set<string>();
  const total = Math.max(0, ids.length - size + 1);
  for (let t = 0; t < total; t++) seen.add(ngramAt(ids, t, size));
  return total === 0 ? NaN : (1 - seen.size / total) * maxPenalty;
}

/** How often the n-gram that is there most often is there; 0 of none. */
export function mostRepeated(tokens: ArrayLike<number | string>, size: number): number {
  const counts = new Map<string, number>();
  let most = 0;
  for (let t = 0; t + size <= tokens.length; t++) {
    const key = ngramAt(tokens, t, size);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (count > most) most = count;
  }
  return most;
}

/** Tokens hold no line break, so that their joined text tells n-grams apart. */
function ngramAt(tokens: ArrayLike<number | string>, from: number, size: number): string {
  let key = "";
  for (let t = from; t < from + size; t++) key += `${tokens[t]}\n`;
  return key;
}

function refusePositive(maxPenalty: number): void {
  if (maxPenalty > 0) throw new RangeError(`a penalty of ${maxPenalty} is positive`);
}
