import type { MeasuredBatch, Measurement, Measuring } from "../core/diagnostic/diagnostic.ts";
import type { Split } from "../core/rollout/trajectory.ts";
import { loadTrajectories } from "./loadTrajectories.ts";
import type { Run } from "./run.ts";
import type { RunBatch } from "./runBatch.ts";

/** A diagnostic at work on one split of one run. */
export interface RunMeasuring {
  readonly id: string;
  readonly measuring: Measuring;
}

export interface MeasureOptions {
  readonly measurings: readonly RunMeasuring[];
  /** Takes a measurement as soon as it is there; reading waits for it. */
  readonly put: (id: string, measurement: Measurement) => Promise<void>;
}

/**
 * Measures one split of a run in the order of training. One batch is in memory at a time, so that a run of any length
 * takes the memory of its largest train step.
 * @throws UserError when a file cannot be read, or has changed since it was indexed
 */
export async function measureRun(
  { batches }: Run,
  split: Split,
  { measurings, put }: MeasureOptions,
): Promise<void> {
  const ofSplit = batches.filter(({ key }) => key.split === split);
  if (ofSplit.length === 0) return;
  for (const one of ofSplit) {
    const batch = await loadBatch(one);
    for (const { id, measuring } of measurings)
      for (const measurement of measuring.batch(batch)) await put(id, inSplit(measurement, split));
  }
  for (const { id, measuring } of measurings)
    for (const measurement of measuring.end()) await put(id, inSplit(measurement, split));
}

/** A train step as it was logged: read for one use, not kept. */
export async function loadBatch(batch: RunBatch): Promise<MeasuredBatch> {
  const { run, trainStep, split } = batch.key;
  const { members, groups } = batch.look();
  const keys = new Map(
    groups.flatMap(({ key, group, members: own }) =>
      own.map((member) => [member, group === null ? null : key] as const),
    ),
  );
  const loaded = await loadTrajectories(members);
  return {
    run,
    trainStep,
    split,
    members: loaded.map(({ trajectory }, i) => ({ trajectory, groupKey: keys.get(members[i]!) ?? null })),
  };
}

function inSplit(measurement: Measurement, split: Split): Measurement {
  return split === "train" ? measurement : { ...measurement, scope: { ...measurement.scope, split } };
}
