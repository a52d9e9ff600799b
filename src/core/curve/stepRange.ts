/** Steps on the shared axis: from `low` up to and including `high`. */
export interface StepRange {
  readonly low: number;
  readonly high: number;
}

/** Steps below which an axis is not zoomed: less than one step shows nothing more. */
const narrowest = 1;

/**
 * The range zoomed by a factor (below 1 = closer) around a step that keeps its place, within `whole`.
 * null = all is shown again.
 */
export function zoomed(
  range: StepRange,
  whole: StepRange,
  { factor, around }: { readonly factor: number; readonly around: number },
): StepRange | null {
  const size = range.high - range.low;
  const wanted = Math.max(Math.min(narrowest, whole.high - whole.low), size * factor);
  const share = size > 0 ? (around - range.low) / size : 0.5;
  const low = around - share * wanted;
  return within({ low, high: low + wanted }, whole);
}

/** The range moved by so many steps, stopped at the ends of `whole`. */
export function panned(range: StepRange, whole: StepRange, by: number): StepRange | null {
  const move = Math.max(whole.low - range.low, Math.min(whole.high - range.high, by));
  return within({ low: range.low + move, high: range.high + move }, whole);
}

/** The range cut to `whole`; null where that is all of it, or nothing. */
export function within(range: StepRange, whole: StepRange): StepRange | null {
  const low = Math.max(whole.low, Math.min(range.low, range.high));
  const high = Math.min(whole.high, Math.max(range.low, range.high));
  if (!(high > low) || (low <= whole.low && high >= whole.high)) return null;
  return { low, high };
}
