import type { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";

export interface TraceReward {
  /** Σ score · weight; NaN where a score is missing, or there are none. */
  readonly reward: number;
  readonly scores: ReadonlyMap<string, number>;
  /** Weights of the scores by name, where the log has them. */
  readonly weights: Readonly<Record<string, number>> | null;
}

/** `rewards` of a trace: `{score, weight}` by name; null is not scored. Before 23 July 2026 weighted numbers. */
export function readRewards(fields: Fields): TraceReward {
  const entries = Object.entries(fields.object("rewards") ?? {});
  const scores = new Map<string, number>();
  const weights: [string, number][] = [];
  let reward = 0;
  for (const [name, entry] of entries) {
    const score = isRecord(entry) ? entry["score"] : entry;
    const weight = isRecord(entry) ? (entry["weight"] ?? 1) : 1;
    const fits = (typeof score === "number" || (score ?? null) === null) && typeof weight === "number";
    if (!fits) fields.wrong("rewards", `holds ${JSON.stringify(name).slice(0, 60)}, which is no score`);
    const number = fits && typeof score === "number" ? score : NaN;
    scores.set(name, number);
    if (isRecord(entry) && typeof weight === "number") weights.push([name, weight]);
    reward += number * (typeof weight === "number" ? weight : NaN);
  }
  return {
    reward: entries.length === 0 ? NaN : reward,
    scores,
    weights: weights.length === 0 ? null : Object.fromEntries(weights),
  };
}
