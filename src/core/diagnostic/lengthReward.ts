import { spearman } from "../stats/correlation.ts";
import { meanOf } from "../stats/moments.ts";
import { bestOf } from "./rewardComponents.ts";

/** A response's length beside its reward. */
export interface Sized {
  readonly length: number;
  readonly reward: number;
}

/** Mean over the groups of the rank correlation of reward and length; NaN where no group varies in both. */
export function lengthCorrelation(groups: readonly (readonly Sized[])[]): number {
  return meanOf(
    groups.map((group) =>
      spearman(
        group.map(({ length }) => length),
        group.map(({ reward }) => reward),
      ),
    ),
  );
}

/**
 * How many times more a token of the shortest response weighs than one of the longest where every response weighs the same
 * (GRPO), and not where every token does (Dr. GRPO): mean over the groups.
 */
export function lengthBias(groups: readonly (readonly Sized[])[]): number {
  return meanOf(
    groups.map((group) => {
      const lengths = group.map(({ length }) => length).filter((length) => length > 0);
      return lengths.length === 0 ? NaN : Math.max(...lengths) / Math.min(...lengths);
    }),
  );
}

/** Share of the groups whose best response is another one once a term takes `weight` · length / longest from each. */
export function flippedByLength(groups: readonly (readonly Sized[])[], weight: number): number {
  return meanOf(
    groups.map((group) => {
      const longest = group.reduce((most, { length }) => Math.max(most, length), 0);
      const plain = bestOf(group.map(({ reward }) => reward));
      const shorter = bestOf(
        group.map(({ reward, length }) => reward - (weight * length) / Math.max(1, longest)),
      );
      return plain === shorter ? 0 : 1;
    }),
  );
}
