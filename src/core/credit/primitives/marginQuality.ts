/** Local rewards of agents (debate) or of one sample's entries (chain) as rows: equally long or not, NaN = none. */
export type LocalRewards = readonly Float64Array[];

export type Shaping = "margin" | "quality" | "none";

/**
 * How far a reward is above (margin) or in line with (quality) what came before: margin R − Q; quality
 * Q·R − (1 − Q)·(1 − R). MARTI `_reward_shaping`.
 */
export function shiftOf(form: Shaping, reward: number, before: number): number {
  if (form === "none") return 0;
  return form === "margin" ? reward - before : before * reward - (1 - before) * (1 - reward);
}

/** Mean of the rewards in columns before `turn` of all the rows; NaN where there are none. */
export function meanBefore(rows: LocalRewards, turn: number): number {
  let sum = 0;
  let n = 0;
  for (const row of rows)
    for (let t = 0; t < Math.min(turn, row.length); t++) {
      if (Number.isNaN(row[t]!)) continue;
      sum += row[t]!;
      n++;
    }
  return sum / n;
}
