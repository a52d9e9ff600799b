import { outcomeOf } from "../../rollout/summary.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { meanOf } from "../../stats/moments.ts";
import { rolloutScope } from "../batchScope.ts";
import { diagnostic, type Measurement } from "../diagnostic.ts";
import { contextVarianceShare, ellipticalBonuses, VisitCounts } from "../explorationBonus.ts";
import { numbersIn, stateSeen } from "../loggedFields.ts";

/** Episodic and global novelty of each step: the elliptical bonus of E3B, and counts of states. */
export const ellipticalBonus = diagnostic({
  id: "ellipticalBonus",
  label: "Elliptical and count bonuses",
  doc: "Bonus φᵀC⁻¹φ of each turn from its `features` (numbers), over its rollout; 1/√N of its `state` within the rollout and over the run, and the product of the two. The value is the mean bonus of the rollout; over the run, the share of the variance of rewards that lies between groups tells which kind informs.",
  paper: "https://arxiv.org/abs/2306.03236",
  status: "code",
  scope: "rollout",
  needs: ["turn.features", "turn.state"],
  params: { ridge: { kind: "number", default: 0.1, min: 1e-12, doc: "C starts as this times the identity" } },
  presets: { "released:e3b": {} },
  measure({ ridge }) {
    const global = new VisitCounts();
    const contexts = new Map<string, number[]>();
    let run = "";
    return {
      batch(batch) {
        ({ run } = batch);
        return batch.members.map(({ trajectory, groupKey }) => {
          const reward = outcomeOf(trajectory);
          if (groupKey !== null && !Number.isNaN(reward)) {
            const name = trajectory.group ?? groupKey;
            contexts.set(name, [...(contexts.get(name) ?? []), reward]);
          }
          return { scope: rolloutScope(batch, trajectory), ...bonusesOf(trajectory, ridge, global) };
        });
      },
      end: () => (contexts.size < 2 ? [] : [betweenContexts(run, contexts, global.size)]),
    };
  },
});

function bonusesOf({ turns }: Trajectory, ridge: number, global: VisitCounts): Omit<Measurement, "scope"> {
  const steps = turns.flatMap((turn, i) => {
    const features = numbersIn(turn.extra.get("features"));
    const state = turn.trainable || features !== null ? stateSeen(turns, i) : null;
    return features === null && state === null ? [] : [{ turn: i, features, state }];
  });
  const width = steps.find(({ features }) => features !== null)?.features?.length;
  const placed = steps.filter(({ features }) => features !== null && features.length === width);
  const elliptical = ellipticalBonuses(
    placed.map(({ features }) => features!),
    [],
    { ridge },
  );
  const episode = new VisitCounts();
  const counted = steps.filter(({ state }) => state !== null);
  const episodic = counted.map(({ state }) => episode.bonus(state!));
  const overRun = counted.map(({ state }) => global.bonus(state!));
  const missing = [
    ...(placed.length === 0 ? ["turn.features"] : []),
    ...(counted.length === 0 ? ["turn.state"] : []),
  ];
  const evidence = {
    turns: placed.map(({ turn }) => turn),
    bonus: [...elliptical],
    stateTurns: counted.map(({ turn }) => turn),
    episodic,
    global: overRun,
    product: episodic.map((x, i) => x * overRun[i]!),
  };
  const value = placed.length > 0 ? meanOf(elliptical) : meanOf(episodic);
  return { value, evidence, ...(missing.length === 0 ? {} : { missing }) };
}

function betweenContexts(
  run: string,
  contexts: ReadonlyMap<string, readonly number[]>,
  states: number,
): Measurement {
  const value = contextVarianceShare([...contexts.values()]);
  const means = Object.fromEntries([...contexts].map(([name, rewards]) => [name, meanOf(rewards)]));
  const evidence = { contexts: contexts.size, states, means };
  // Equal rewards everywhere: there is nothing to tell contexts apart by.
  return {
    scope: { run },
    value,
    evidence,
    ...(Number.isNaN(value) ? { missing: ["trajectory.reward"] } : {}),
  };
}
