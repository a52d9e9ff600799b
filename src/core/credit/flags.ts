import { outcomeOf } from "../rollout/summary.ts";
import type { CreditFlag } from "./credit.ts";
import type { AnyCreditMethod } from "./registry.ts";
import type { Row } from "./row.ts";

/** What a row's group looks like to a method. */
interface GroupFact {
  /** Members that the method saw. */
  readonly size: number;
  /** Members that were left out. */
  readonly leftOut: number;
  /** Two members or more, all with the same outcome. */
  readonly equal: boolean;
}

export interface GroupFacts {
  of(r: number): GroupFact;
}

/** @param seen −1 for the rows a method could not see */
export function groupFacts(
  rows: readonly Row[],
  groups: readonly (string | null)[],
  seen: Int32Array,
): GroupFacts {
  const facts = new Map<string, { size: number; leftOut: number; least: number; most: number }>();
  groups.forEach((key, r) => {
    if (key === null) return;
    let fact = facts.get(key);
    if (fact === undefined)
      facts.set(key, (fact = { size: 0, leftOut: 0, least: Infinity, most: -Infinity }));
    if (seen[r]! < 0) {
      fact.leftOut++;
      return;
    }
    const outcome = outcomeOf(rows[r]!.trajectory);
    fact.size++;
    fact.least = Math.min(fact.least, outcome);
    fact.most = Math.max(fact.most, outcome);
  });
  return {
    of(r) {
      const key = groups[r]!;
      const fact = key === null ? undefined : facts.get(key);
      if (fact === undefined) return { size: 1, leftOut: 0, equal: false };
      return { size: fact.size, leftOut: fact.leftOut, equal: fact.size > 1 && fact.least === fact.most };
    },
  };
}

/** What a reader should know of a row's credit, in a fixed order. */
export function flagsOf(
  method: AnyCreditMethod,
  row: Row,
  facts: GroupFact & { readonly source: string; readonly complete: boolean; readonly bootstrap: boolean },
): readonly CreditFlag[] {
  const flags: CreditFlag[] = [];
  const reads = (column: string): boolean => (method.needs as readonly string[]).includes(column);
  if (method.comparesGroup && facts.size === 1) flags.push("singleton");
  if (method.comparesGroup && reads("reward") && facts.equal) flags.push("zero-variance");
  if (method.comparesGroup && facts.leftOut > 0) flags.push("partial-group");
  if (reads("mask") && hasHoles(row.positions.mask)) flags.push("mask-holes");
  if (!facts.complete) flags.push("non-finite");
  if (reads("tokenReward")) {
    const { truncated, finalValue } = row.trajectory;
    if (truncated === true)
      flags.push(facts.bootstrap && !Number.isNaN(finalValue) ? "bootstrapped" : "truncated");
    const placed = row.placedRewards();
    if (placed?.onMasked === true) flags.push("reward-on-masked-token");
    if (placed?.mismatch === true) flags.push("reward-mismatch");
  }
  const sourced = reads("value")
    ? row.sourcedValues(facts.source)
    : reads("stepReward")
      ? row.sourcedSteps("reward", facts.source)
      : null;
  if (sourced !== null && sourced.source !== "logged") flags.push(`source:${sourced.source}`);
  return flags;
}

function hasHoles(mask: Uint8Array): boolean {
  const first = mask.indexOf(1);
  return first >= 0 && mask.subarray(first, mask.lastIndexOf(1)).includes(0);
}
