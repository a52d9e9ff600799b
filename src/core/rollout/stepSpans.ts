/** Where steps come from: the log itself, the segmentation rule, or there are none. */
export type StepSource = "logged" | "segmented" | "none";

/** Ordered, non-overlapping spans of one turn's content, half-open, in UTF-16 code units. */
export interface StepSpans {
  readonly n: number;
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly source: StepSource;
  /** Numbers of the steps by name (`reward`, `value`, `label`, `prm@MODEL`…); NaN = missing. */
  readonly columns: ReadonlyMap<string, Float64Array>;
  /** Fields of the steps that are no numbers: one value a step, undefined = missing. */
  readonly extra: ReadonlyMap<string, readonly unknown[]>;
}

export const noSteps: StepSpans = {
  n: 0,
  start: new Int32Array(0),
  end: new Int32Array(0),
  source: "none",
  columns: new Map(),
  extra: new Map(),
};

/** Step whose span holds a character, −1 where none does: a token belongs to the step its start lies in. */
export function stepAt(steps: StepSpans, offset: number): number {
  let low = 0;
  let high = steps.n;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps.end[middle]! <= offset) low = middle + 1;
    else high = middle;
  }
  return low < steps.n && steps.start[low]! <= offset ? low : -1;
}
