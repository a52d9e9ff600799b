import { type Segment, segments } from "../src/core/curve/segments.ts";
import { smooth } from "../src/core/curve/smooth.ts";
import type { CurveHead } from "../src/protocol/webview.ts";

/** A curve with its points, and what is derived from them once. */
export class Curve {
  readonly head: CurveHead;
  readonly steps: Float64Array;
  /** As logged. */
  readonly values: Float64Array;
  readonly attempts: readonly Segment[];
  /** Indexes of values that are NaN or infinite. */
  readonly nonFinite: readonly number[];
  /** Values a logarithmic axis has no place for. */
  readonly nNonPositive: number;
  #logValues: Float64Array | null = null;
  #smoothed: Smoothed | null = null;

  constructor(head: CurveHead, steps: Float64Array, values: Float64Array) {
    this.head = head;
    this.steps = steps;
    this.values = values;
    this.attempts = segments(steps);
    this.nonFinite = [...values.keys()].filter((i) => !Number.isFinite(values[i]));
    this.nNonPositive = values.reduce((n, x) => n + (Number.isFinite(x) && x <= 0 ? 1 : 0), 0);
  }

  /** Values as the axis takes them: a logarithmic one has NaN where a value is 0 or less. */
  raw(isLog: boolean): Float64Array {
    if (!isLog) return this.values;
    this.#logValues ??= positive(this.values);
    return this.#logValues;
  }

  /** Smoothed over the whole series, so that it is the same at every zoom, and over all values, whatever the axis. */
  smoothed(weight: number, isLog: boolean): Float64Array {
    let cached = this.#smoothed;
    if (cached?.weight !== weight) {
      const values = new Float64Array(this.values.length);
      smooth(this.steps, this.values, weight, values);
      cached = { weight, values, logValues: positive(values) };
      this.#smoothed = cached;
    }
    return isLog ? cached.logValues : cached.values;
  }
}

interface Smoothed {
  readonly weight: number;
  readonly values: Float64Array;
  readonly logValues: Float64Array;
}

function positive(values: Float64Array): Float64Array {
  return values.map((x) => (x > 0 ? x : NaN));
}

/** A curve as a chart shows it. */
export interface ChartLine {
  readonly curve: Curve;
  readonly label: string;
  readonly color: number;
  readonly dash: readonly number[];
  readonly mark: string;
}

/** How all charts are looked at. */
export interface ChartView {
  readonly low: number;
  readonly high: number;
  /** From 0 (none) to 0.99. */
  readonly smoothing: number;
  readonly isLog: boolean;
}
