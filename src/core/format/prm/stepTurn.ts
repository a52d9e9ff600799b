import { textTurn } from "../../rollout/textTrajectory.ts";
import type { Turn } from "../../rollout/trajectory.ts";

/** Steps as a data set has them: texts of their own, numbers and other fields by name, one a step. */
export interface LoggedSteps {
  readonly texts: readonly string[];
  /** What stands between two steps. */
  readonly separator: string;
  /** NaN = not judged. */
  readonly columns: ReadonlyMap<string, Float64Array>;
  /** Undefined = missing; no numbers, which are columns. */
  readonly extra?: ReadonlyMap<string, readonly unknown[]>;
}

/** The assistant's turn that consists of the steps; where they begin and end is exact. */
export function stepTurn({ texts, separator, columns, extra }: LoggedSteps, parent: number): Turn {
  const n = texts.length;
  const start = new Int32Array(n);
  const end = new Int32Array(n);
  let at = 0;
  texts.forEach((text, k) => {
    start[k] = at;
    end[k] = at + text.length;
    at += text.length + separator.length;
  });
  const turn = textTurn("assistant", texts.join(separator), parent);
  if (n === 0) return turn;
  return { ...turn, steps: { n, start, end, source: "logged", columns, extra: extra ?? new Map() } };
}

/** 1 right, 0 wrong, NaN not judged, from marks as data sets have them. */
export function labelColumn(n: number, labelOf: (step: number) => boolean | null): Float64Array {
  return Float64Array.from({ length: n }, (_, k) => {
    const label = labelOf(k);
    return label === null ? NaN : Number(label);
  });
}
