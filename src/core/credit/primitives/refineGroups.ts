import type { BatchShape } from "../columns.ts";
import type { Groups } from "./appliedStatistics.ts";

/** Groups split further by a number that their members share; NaN is a key like any other. */
export function refineGroups({ group }: BatchShape, key: Float64Array): Groups {
  const known = new Map<string, number>();
  const refined = Int32Array.from(group, (g, r) => {
    const name = `${g} ${key[r]!}`;
    let index = known.get(name);
    if (index === undefined) known.set(name, (index = known.size));
    return index;
  });
  return { group: refined, nGroups: known.size };
}
