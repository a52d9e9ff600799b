import { whiten, whitenPopulation } from "../primitives/whiten.ts";

/**
 * What a trainer does to an estimator's numbers before it logs them: nothing; the group's mean subtracted; whitened over
 * the batch's trained tokens; a KL penalty subtracted with a weight that is fitted; cut off at a bound.
 */
export const stages = ["raw", "whitened", "group-centred", "KL-shaped", "clipped"] as const;
export type Stage = (typeof stages)[number];

export interface Staged {
  readonly stage: Stage;
  readonly numbers: Float64Array;
  /** What was fitted: the weight of the KL penalty, the bound. */
  readonly fitted: Readonly<Record<string, number>>;
}

/** What the stages need beside the estimator's numbers `x`; all have one entry a logged number. */
export interface StageContext {
  readonly y: Float64Array;
  /** Group of each number's rollout. */
  readonly group: Int32Array;
  /** KL penalty that lies before each number, summed from its token on; null where the log has none. */
  readonly kl: Float64Array | null;
}

/** An estimator's numbers at each stage that could have been logged. */
export function stagesOf(x: Float64Array, { y, group, kl }: StageContext): readonly Staged[] {
  const ones = new Uint8Array(x.length).fill(1);
  const made = (into: (out: Float64Array) => void): Float64Array => {
    const out = new Float64Array(x.length);
    into(out);
    return out;
  };
  const plain = (stage: Stage, numbers: Float64Array): Staged => ({ stage, numbers, fitted: {} });
  return [
    plain("raw", x),
    plain(
      "whitened",
      made((out) => void whiten(x, ones, out)),
    ),
    plain(
      "whitened",
      made((out) => void whitenPopulation(x, ones, out)),
    ),
    plain("group-centred", centred(x, group)),
    ...shaped(x, y, kl),
    ...clipped(x, y),
  ];
}

function centred(x: Float64Array, group: Int32Array): Float64Array {
  const size = new Map<number, { sum: number; n: number }>();
  x.forEach((value, i) => {
    const known = size.get(group[i]!) ?? { sum: 0, n: 0 };
    size.set(group[i]!, { sum: known.sum + value, n: known.n + 1 });
  });
  return x.map((value, i) => value - size.get(group[i]!)!.sum / size.get(group[i]!)!.n);
}

/** y = x − β·KL with the β that fits best, where it is a penalty. */
function shaped(x: Float64Array, y: Float64Array, kl: Float64Array | null): readonly Staged[] {
  if (kl === null) return [];
  let [kk, kd] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    kk += kl[i]! * kl[i]!;
    kd += kl[i]! * (x[i]! - y[i]!);
  }
  const beta = kd / kk;
  if (!(beta > 0)) return [];
  return [{ stage: "KL-shaped", numbers: x.map((value, i) => value - beta * kl[i]!), fitted: { beta } }];
}

/** Cut off at the largest number that was logged, where several were cut there. */
function clipped(x: Float64Array, y: Float64Array): readonly Staged[] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of y) [low, high] = [Math.min(low, value), Math.max(high, value)];
  const most = Math.max(-low, high);
  let [cut, beyond] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    if (Math.abs(y[i]!) === most) cut++;
    if (Math.abs(x[i]!) > most * (1 + 1e-6)) beyond++;
  }
  if (cut < 2 || beyond === 0) return [];
  const numbers = x.map((value) => Math.min(most, Math.max(-most, value)));
  return [{ stage: "clipped", numbers, fitted: { bound: most } }];
}
