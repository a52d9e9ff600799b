import { isRecord } from "../isRecord.ts";
import { toNumber } from "../fields.ts";

/** What Inspect's `value_to_float` makes of the values it has names for: correct, partial, incorrect, no answer. */
const named: ReadonlyMap<string, number> = new Map([
  ["C", 1],
  ["P", 0.5],
  ["I", 0],
  ["N", 0],
]);
const words: ReadonlyMap<string, number> = new Map([
  ["yes", 1],
  ["true", 1],
  ["no", 0],
  ["false", 0],
]);

/** A score's value as a number; NaN where it was not scored, or is a word that stands for none. */
export function scoreNumber(value: unknown): number {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value !== "string") return typeof value === "number" ? value : NaN;
  return named.get(value) ?? words.get(value.toLowerCase()) ?? toNumber(value) ?? NaN;
}

export interface Scores {
  readonly rewards: ReadonlyMap<string, number>;
  /** Correct or not; null where it is neither, or several scorers could say so. */
  readonly success: boolean | null;
}

/**
 * Scores by the scorer's name; those with several values by `scorer/value`. An old log has one, `score`, without a
 * name.
 */
export function readScores(sample: Readonly<Record<string, unknown>>): Scores {
  const rewards = new Map<string, number>();
  const { score, scores } = sample;
  const entries = isRecord(scores)
    ? Object.entries(scores)
    : isRecord(score)
      ? [["score", score] as const]
      : [];
  let success: boolean | null = null;
  for (const [scorer, entry] of entries) {
    const value = isRecord(entry) ? entry["value"] : entry;
    if (Array.isArray(value)) value.forEach((x, i) => rewards.set(`${scorer}/${i}`, scoreNumber(x)));
    else if (isRecord(value))
      for (const [name, x] of Object.entries(value)) rewards.set(`${scorer}/${name}`, scoreNumber(x));
    else {
      rewards.set(scorer, scoreNumber(value));
      if (entries.length === 1) success = successOf(value);
    }
  }
  return { rewards, success };
}

function successOf(value: unknown): boolean | null {
  if (typeof value === "boolean") return value;
  return value === "C" ? true : value === "I" || value === "N" ? false : null;
}
