import { isSame } from "./mergeSame.ts";
import type { Series } from "./series.ts";

/**
 * Finds runs that are one and the same, logged twice under two names (a folder of event files beside metrics as JSON
 * Lines, say): every metric that both log is the same, and at least one of them moves, since two runs may well share
 * constants.
 * @returns for each run the first of those it is the same as; itself where it is alone
 */
export function sameRuns(all: readonly Series[]): ReadonlyMap<string, string> {
  const runs = new Map<string, Series[]>();
  for (const series of all) runs.set(series.run, [...(runs.get(series.run) ?? []), series]);
  const first = new Map<string, string>();
  for (const [run, series] of runs) {
    const earlier = [...first].filter(([name, other]) => name === other).map(([name]) => name);
    first.set(run, earlier.find((other) => isCopy(series, runs.get(other)!)) ?? run);
  }
  return first;
}

function isCopy(a: readonly Series[], b: readonly Series[]): boolean {
  let moves = false;
  for (const series of a) {
    const others = b.filter(({ name }) => name === series.name);
    if (others.length === 0) continue;
    if (!others.some((other) => isSame(series, other))) return false;
    moves ||= series.values.some((x) => x !== series.values[0]);
  }
  return moves;
}
