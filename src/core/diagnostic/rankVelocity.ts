import type { Matrix } from "../stats/singularValues.ts";
import { curvature, rankNumbers, singlePrecisionEntropy } from "./effectiveRank.ts";

export type RankMetric =
  | "Effective Rank"
  | "Log Effective Rank"
  | "Traditional Rank"
  | "Response Entropy 1"
  | "Curvature";

export interface RankWindows {
  /** Windows are the prefixes of stride + 1, 2 · stride + 1, … rows. */
  readonly stride: number;
  /** Only the last so many rows count. */
  readonly maxLength: number;
  /**
   * `exact`: any length; `released`: the release's fast path in single precision, which answers only from 2 · stride rows
   * on (see `singlePrecisionEntropy`).
   */
  readonly path: "exact" | "released";
}

export interface RankDifferences {
  /** Metric of each window. */
  readonly values: readonly number[];
  /** Velocity: each but the first minus the mean of all before it. */
  readonly velocity: readonly number[];
  /** Acceleration: differences of the velocity. */
  readonly acceleration: readonly number[];
}

/** First and second differences of a metric over growing prefixes of one response's hidden states (VERL, section 14.1). */
export function rankDifferences(hidden: Matrix, metric: RankMetric, windows: RankWindows): RankDifferences {
  const { stride, maxLength, path } = windows;
  const length = Math.min(hidden.rows, maxLength);
  const values: number[] = [];
  if (path === "exact" || length >= 2 * stride) {
    for (let t = stride; t < length; t += stride) {
      values.push(measured(lastRows(hidden, length, t + 1), metric, path));
    }
  }
  return { values, ...differences(values) };
}

function differences(values: readonly number[]): Omit<RankDifferences, "values"> {
  const velocity: number[] = [];
  let sum = 0;
  values.forEach((value, j) => {
    if (j > 0) velocity.push(value - sum / j);
    sum += value;
  });
  return { velocity, acceleration: velocity.slice(1).map((x, j) => x - velocity[j]!) };
}

/** The first `rows` of the last `length` rows. */
function lastRows({ rows: all, columns, values }: Matrix, length: number, rows: number): Matrix {
  const from = (all - length) * columns;
  return { rows, columns, values: values.subarray(from, from + rows * columns) };
}

function measured(window: Matrix, metric: RankMetric, path: RankWindows["path"]): number {
  const released = path === "released";
  switch (metric) {
    case "Curvature":
      return curvature(window);
    case "Traditional Rank":
      return rankNumbers(window).traditionalRank;
    case "Response Entropy 1": {
      const { shannonEntropy, renyiEntropy } = rankNumbers(window);
      return released ? shannonEntropy : renyiEntropy;
    }
    case "Log Effective Rank":
      return released ? singlePrecisionEntropy(window) : rankNumbers(window).logEffectiveRank;
    case "Effective Rank":
      return released ? Math.exp(singlePrecisionEntropy(window)) : rankNumbers(window).effectiveRank;
  }
}
