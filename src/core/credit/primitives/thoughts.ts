import type { BatchShape } from "../columns.ts";

export interface LabelledSteps {
  /** Length K: 1 = right (in a wrong solution: leads to its answer), 0 = not. */
  readonly label: Float64Array;
  /** Length R: 1 = a right solution. */
  readonly success: Float64Array;
  /** Length R: standardised outcome r̂. */
  readonly advantage: Float64Array;
  /** Length R: r_c, the weight of the group's ability. */
  readonly ability: Float64Array;
}

/**
 * Thoughts of each rollout, runs of steps with one label, and their rewards: the last thought r̂; before it, ±r_c in a
 * right solution and ±r̂ in a wrong one, + where the label is 1. He et al. (arXiv:2507.23317).
 */
export function thoughtRewards(
  { nRollouts, steps }: BatchShape,
  { label, success, advantage, ability }: LabelledSteps,
  { thought, reward }: { readonly thought: Float64Array; readonly reward: Float64Array },
): void {
  for (let r = 0; r < nRollouts; r++) {
    const [from, to] = [steps[r]!, steps[r + 1]!];
    for (let k = from; k < to; k++)
      thought[k] = k === from ? 0 : thought[k - 1]! + (label[k] === label[k - 1] ? 0 : 1);
    const size = success[r] === 1 ? ability[r]! : advantage[r]!;
    for (let k = from; k < to; k++) {
      if (thought[k] === thought[to - 1]) reward[k] = advantage[r]!;
      else reward[k] = label[k] === 1 ? size : -size;
    }
  }
}
