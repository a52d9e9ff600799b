import { rolloutScope } from "./batchScope.ts";
import type { Measurement, Measuring } from "./diagnostic.ts";
import { type LoggedTables, pairsOf, tablesOf, transitionsOf } from "./loggedRewards.ts";
import type { RewardTable } from "./rewardTable.ts";
import { bootstrap, type RewardedTransition, sampledDistance } from "./sampledRewards.ts";

/** How two rewards of a log are compared: as tables where it holds them, over its transitions where it does not. */
export interface Comparison {
  readonly kind: "starc" | "epic";
  /** Discount where the log holds none. */
  readonly gamma: number;
  /** Names of the two numbers of turns. */
  readonly names: readonly [string, string];
  readonly resamples: number;
  /** Distance of two tables, with what else is to be told; null where the tables' world lacks what it needs. */
  readonly tables: (
    a: RewardTable,
    b: RewardTable,
    world: LoggedTables,
  ) => Pick<Measurement, "value" | "evidence"> | null;
}

/** Tables are compared rollout by rollout, transitions over the whole run. */
export function compareRewards(comparison: Comparison): Measuring {
  const { names } = comparison;
  const episodes: (readonly RewardedTransition[])[] = [];
  let withTables = 0;
  let run = "";
  return {
    batch(batch) {
      ({ run } = batch);
      return batch.members.flatMap(({ trajectory }) => {
        const logged = tablesOf(trajectory);
        const seen = transitionsOf(trajectory, names);
        if (seen.length > 0) episodes.push(seen);
        if (logged === null) return [];
        withTables++;
        return compareTables(logged, comparison).map((one) => ({
          ...one,
          scope: rolloutScope(batch, trajectory),
        }));
      });
    },
    end() {
      if (episodes.length > 0) return [{ scope: { run }, ...compareSamples(episodes, comparison) }];
      const missing = ["trajectory.reward_tables", "turn.state", ...names.map((name) => `turn.${name}`)];
      return withTables > 0 ? [] : [{ scope: { run }, value: NaN, evidence: {}, missing }];
    },
  };
}

function compareTables(world: LoggedTables, { tables }: Comparison): readonly Omit<Measurement, "scope">[] {
  return pairsOf([...world.tables.keys()]).map(([a, b]) => {
    const pair = { first: a, second: b };
    const found = tables(world.tables.get(a)!, world.tables.get(b)!, world);
    if (found === null) return { value: NaN, evidence: pair, missing: ["trajectory.transition"] };
    return { value: found.value, evidence: { ...pair, ...found.evidence } };
  });
}

function compareSamples(
  episodes: readonly (readonly RewardedTransition[])[],
  { kind, gamma, names, resamples }: Comparison,
): Omit<Measurement, "scope"> {
  const all = episodes.flat();
  const distance = (some: readonly RewardedTransition[]): number => sampledDistance(some, gamma)[kind];
  const value = distance(all);
  const evidence = {
    first: names[0],
    second: names[1],
    form: "Minimal",
    gamma,
    transitions: all.length,
    states: new Set(all.flatMap(({ from, to }) => [from, to])).size,
    episodes: episodes.length,
    interval: bootstrap(episodes, Math.round(resamples), distance),
  };
  // A reward that is shaping alone orders no policies: there is no distance to it.
  return { value, evidence, ...(Number.isNaN(value) ? { missing: [`turn.${names[1]}`] } : {}) };
}
