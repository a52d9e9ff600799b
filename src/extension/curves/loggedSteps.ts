import type { Session } from "../session.ts";

/** Train steps at which the open runs logged rollouts, in order. */
export async function loggedSteps(session: Session): Promise<Float64Array> {
  const steps = new Set<number>();
  const all = { sort: "log", descending: false, filter: "", from: 0, to: 1e6 } as const;
  for (const root of session.roots) {
    const opened = await session.open(root).catch(() => null);
    for (const { run } of opened?.runs ?? []) {
      const { rows } = await session.store.batches(root, run, all);
      for (const { key } of rows) if (key.trainStep !== null) steps.add(key.trainStep);
    }
  }
  return Float64Array.from(steps).toSorted();
}
