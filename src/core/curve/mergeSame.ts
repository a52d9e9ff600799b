import type { Series } from "./series.ts";

/** A series with every file that holds it. */
export interface MergedSeries<T extends Series> {
  readonly series: T;
  readonly files: readonly string[];
}

/**
 * Joins what two files of a run log alike (a trainer that writes JSON Lines and TensorBoard, say): the same run, name
 * and steps, and the same values up to float32 rounding, which is what event files keep. The more exact one is kept.
 * What differs stays apart.
 */
export function mergeSame<T extends Series & { readonly file: string }>(
  all: readonly T[],
): readonly MergedSeries<T>[] {
  const byName = new Map<string, { series: T; files: string[] }[]>();
  const merged: { series: T; files: string[] }[] = [];
  for (const series of all) {
    const key = JSON.stringify([series.run, series.name]);
    const alike = byName.get(key) ?? [];
    const same = alike.find((other) => isSame(other.series, series));
    if (same === undefined) {
      const entry = { series, files: [series.file] };
      byName.set(key, [...alike, entry]);
      merged.push(entry);
    } else {
      if (!same.files.includes(series.file)) same.files.push(series.file);
      if (isRounded(same.series.values)) same.series = series;
    }
  }
  return merged;
}

/** The same points up to float32 rounding. NaN equals NaN, an infinity itself. */
export function isSame(a: Series, b: Series): boolean {
  if (a.steps.length !== b.steps.length) return false;
  for (let i = 0; i < a.steps.length; i++) {
    if (a.steps[i] !== b.steps[i]) return false;
    if (!isClose(a.values[i]!, b.values[i]!)) return false;
  }
  return true;
}

/** Twice float32's relative precision: one side may be rounded from a text that was rounded itself. */
const rounding = 2 ** -22;

function isClose(a: number, b: number): boolean {
  if (!Number.isFinite(a) || !Number.isFinite(b)) return Object.is(a, b);
  return Math.abs(a - b) <= rounding * Math.max(Math.abs(a), Math.abs(b));
}

function isRounded(values: Float64Array): boolean {
  return values.every((x) => Object.is(x, Math.fround(x)));
}
