import { quantile } from "../../stats/quantile.ts";
import type { BatchShape } from "../columns.ts";
import { selectLargest } from "./selectLargest.ts";

export interface Rhythm {
  readonly form: "local" | "global" | "coupled";
  /** Share of the rollout's trained tokens that count as planning, and as anchors. */
  readonly share: number;
  readonly amplification: number;
  /** Part of an introduced anchor's gain that goes to the token that introduced it. */
  readonly alpha: number;
  /** How many tokens back an introducer may lie. */
  readonly reach: number;
  /** Quantile of the rollout's WAAD up to which an anchor can be introduced by another token. */
  readonly threshold: number;
}

export interface RhythmLanes {
  /** |WAAD_t − WAAD_{t+1}|; NaN where the next position is not a trained token. */
  readonly change: Float64Array;
  readonly plan: Float64Array;
  readonly anchor: Float64Array;
  /** Share of the gain of each token, before the amplification: 0 to 1 + α. */
  readonly gain: Float64Array;
}

/**
 * Planning tokens (the largest changes of WAAD), anchors (the largest FAI), and the gain that each trained token gets.
 * In coupled form an anchor with low WAAD and a planning token up to `reach` tokens before it hands part of its gain to
 * the largest of those. Arithmetic of arXiv:2510.13554 as the reference has it; ties go to the first token.
 */
export function rhythmWeights(
  { nRollouts, positions, mask }: BatchShape,
  { waad, fai }: { readonly waad: Float64Array; readonly fai: Float64Array },
  rhythm: Rhythm,
  { change, plan, anchor, gain }: RhythmLanes,
): void {
  for (let r = 0; r < nRollouts; r++) {
    const [from, to] = [positions[r]!, positions[r + 1]!];
    let trained = 0;
    for (let t = from; t < to; t++) {
      trained += mask[t]!;
      const follows = mask[t] === 1 && t + 1 < to && mask[t + 1] === 1;
      change[t] = follows ? Math.abs(waad[t]! - waad[t + 1]!) : NaN;
    }
    const contest = { from, to, count: Math.floor(rhythm.share * trained), among: mask };
    selectLargest(change, contest, plan);
    selectLargest(fai, contest, anchor);
    if (rhythm.form !== "coupled") {
      gain.set((rhythm.form === "local" ? plan : anchor).subarray(from, to), from);
      continue;
    }
    gain.set(anchor.subarray(from, to), from);
    const own = waad.subarray(from, to).filter((_, i) => mask[from + i] === 1);
    const low = quantile(own, rhythm.threshold);
    shareGains({ from, to, low, waad }, rhythm, { change, plan, anchor, gain });
  }
}

/** Hands α of each introduced anchor's gain to its introducer; a token that introduces several anchors gains once. */
function shareGains(
  { from, to, low, waad }: { from: number; to: number; low: number; waad: Float64Array },
  { reach, alpha }: Rhythm,
  { change, plan, anchor, gain }: RhythmLanes,
): void {
  const introduces = new Uint8Array(to - from);
  for (let t = from; t < to; t++) {
    if (anchor[t] !== 1 || !(waad[t]! <= low)) continue;
    let introducer = -1;
    for (let s = Math.max(from, t - reach); s < t; s++) {
      if (plan[s] === 1 && (introducer < 0 || change[s]! > change[introducer]!)) introducer = s;
    }
    if (introducer < 0) continue;
    gain[t] = 1 - alpha;
    introduces[introducer - from] = 1;
  }
  for (let t = from; t < to; t++) gain[t]! += introduces[t - from]! * alpha;
}
