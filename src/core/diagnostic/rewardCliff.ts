/** A train step under a schedule of a reward's weight. */
export interface SchedulePoint {
  /** null = not logged. */
  readonly step: number | null;
  readonly weight: number;
  readonly behaviour: number;
}

export interface Jump {
  readonly from: number | null;
  readonly to: number | null;
  /** Change of the behaviour per unit of the weight. */
  readonly slope: number;
}

/** The largest change of a behaviour per unit of the weight between neighbouring train steps; null where the weight is constant. */
export function largestJump(points: readonly SchedulePoint[]): Jump | null {
  let largest: Jump | null = null;
  for (let i = 1; i < points.length; i++) {
    const [before, after] = [points[i - 1]!, points[i]!];
    if (after.weight === before.weight) continue;
    const slope = (after.behaviour - before.behaviour) / (after.weight - before.weight);
    if (largest === null || Math.abs(slope) > Math.abs(largest.slope))
      largest = { from: before.step, to: after.step, slope };
  }
  return largest;
}
