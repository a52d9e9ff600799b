/** Points [from, to) of a series over which the step does not go back: one attempt of the run. */
export interface Segment {
  readonly from: number;
  readonly to: number;
}

/**
 * Splits a series where its step goes back, as it does when a run is started again from an earlier checkpoint. In
 * file order: the last segment is the latest attempt. A repeated step does not split.
 */
export function segments(steps: Float64Array): readonly Segment[] {
  if (steps.length === 0) return [];
  const found: Segment[] = [];
  let from = 0;
  for (let i = 1; i < steps.length; i++) {
    if (steps[i]! >= steps[i - 1]!) continue;
    found.push({ from, to: i });
    from = i;
  }
  found.push({ from, to: steps.length });
  return found;
}
