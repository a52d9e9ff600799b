/**
 * Estimators of the KL divergence from a sampled token's log-probabilities, d = log π − log π_ref, by the names of the
 * trainers: `kl` is k1, `mse` k2, `low_var_kl` k3. With `+` the value is the estimator's and the gradient that of k2
 * (verl's straight-through trick).
 */
export const klEstimators = [
  "k1",
  "kl",
  "abs",
  "k2",
  "mse",
  "k3",
  "low_var_kl",
  "k1+",
  "kl+",
  "abs+",
  "k2+",
  "mse+",
  "k3+",
  "low_var_kl+",
] as const;
export type KlEstimator = (typeof klEstimators)[number];

/**
 * Bounds of a release: `verl` takes −d within ±20 and the result within ±10, of k3 alone; `openrlhf` takes the result of
 * every estimator within ±10 and leaves the exponent as it is; `none` bounds nothing (TRL).
 */
export const klClamps = ["verl", "openrlhf", "none"] as const;
export type KlClamp = (typeof klClamps)[number];

export interface KlOptions {
  readonly estimator: KlEstimator;
  readonly clamp: KlClamp;
}

type Shape = "k1" | "abs" | "k2" | "k3";

const shapes: Readonly<Record<string, Shape>> = {
  k1: "k1",
  kl: "k1",
  abs: "abs",
  k2: "k2",
  mse: "k2",
  k3: "k3",
  low_var_kl: "k3",
};

/**
 * KL estimate of each position in nats, and its derivative with respect to log π: what β multiplies in the loss's
 * gradient. The derivative is 0 where a bound holds the value.
 *
 * Schulman (http://joschu.net/blog/kl-approx.html); verl `kl_penalty_forward`, OpenRLHF `compute_approx_kl`. NaN where
 * either log-probability is.
 */
export function estimateKl(
  { logprob, refLogprob }: { readonly logprob: Float64Array; readonly refLogprob: Float64Array },
  { estimator, clamp }: KlOptions,
  { kl, slope }: { readonly kl: Float64Array; readonly slope: Float64Array },
): void {
  const ofK2 = estimator.endsWith("+");
  const shape = shapes[ofK2 ? estimator.slice(0, -1) : estimator]!;
  for (let t = 0; t < kl.length; t++) {
    const d = logprob[t]! - refLogprob[t]!;
    const inner = shape === "k3" && clamp === "verl" ? within(d, 20) : d;
    const value = valueOf(shape, inner);
    const bound = clamp === "openrlhf" || (clamp === "verl" && shape === "k3") ? 10 : Infinity;
    kl[t] = within(value, bound);
    if (ofK2) slope[t] = d;
    else slope[t] = inner === d && kl[t] === value ? slopeOf(shape, d) : isHeld(d);
  }
}

function valueOf(shape: Shape, d: number): number {
  switch (shape) {
    case "k1":
      return d;
    case "abs":
      return Math.abs(d);
    case "k2":
      return (d * d) / 2;
    case "k3":
      return Math.exp(-d) - 1 + d;
  }
}

function slopeOf(shape: Shape, d: number): number {
  switch (shape) {
    case "k1":
      return 1;
    case "abs":
      return Math.sign(d);
    case "k2":
      return d;
    case "k3":
      return 1 - Math.exp(-d);
  }
}

/** Slope where a bound holds the value: 0; NaN stays NaN. */
function isHeld(d: number): number {
  return Number.isNaN(d) ? NaN : 0;
}

/** NaN stays NaN. */
function within(x: number, bound: number): number {
  if (x > bound) return bound;
  return x < -bound ? -bound : x;
}
