/** One metric of one run over train steps: points in file order, repeated steps kept. Parallel arrays. */
export interface Series {
  readonly run: string;
  readonly name: string;
  /** Train step of each point, as logged; may go back after a restart. */
  readonly steps: Float64Array;
  /** As logged: NaN and the infinities stay what they are. */
  readonly values: Float64Array;
  /** Seconds since the epoch of each point; null where the file holds none. */
  readonly wallTimes: Float64Array | null;
}
