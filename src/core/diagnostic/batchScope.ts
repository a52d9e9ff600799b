import type { Trajectory } from "../rollout/trajectory.ts";
import type { MeasuredBatch, Scope } from "./diagnostic.ts";

/** Scope of a measurement over a batch. */
export function scopeOf({ run, trainStep }: MeasuredBatch): Scope {
  return { run, ...(trainStep === null ? {} : { train_step: trainStep }) };
}

/** Scope of a measurement of one rollout of a batch. */
export function rolloutScope(batch: MeasuredBatch, { id, group }: Trajectory): Scope {
  return { ...groupScope(batch, group), id };
}

/** Scope of a measurement of one group of a batch, by the group's name in the log. */
export function groupScope(batch: MeasuredBatch, group: string | null): Scope {
  return { ...scopeOf(batch), ...(group === null ? {} : { group }) };
}

/** The rollouts of each group of a batch; those without a group are in none. */
export function groupsOf({ members }: MeasuredBatch): readonly (readonly Trajectory[])[] {
  const groups = new Map<string, Trajectory[]>();
  for (const { trajectory, groupKey } of members) {
    if (groupKey === null) continue;
    const known = groups.get(groupKey);
    if (known === undefined) groups.set(groupKey, [trajectory]);
    else known.push(trajectory);
  }
  return [...groups.values()];
}
