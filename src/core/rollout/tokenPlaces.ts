import { type StepSpans, stepAt } from "./stepSpans.ts";
import type { TokenColumns } from "./tokenColumns.ts";

const placed = new WeakMap<TokenColumns, boolean>();

/** True where the log says where the turn's tokens stand in its text; ids alone do not. */
export function hasPlaces(tokens: TokenColumns): boolean {
  let has = placed.get(tokens);
  if (has === undefined) {
    has = tokens.end.some((end) => end > 0);
    placed.set(tokens, has);
  }
  return has;
}

/**
 * Step a token belongs to: the one its start lies in; −1 where it lies in none. Of tokens without places only that is
 * known that a single step holds them all.
 */
export function stepOfToken(tokens: TokenColumns, t: number, steps: StepSpans): number {
  if (hasPlaces(tokens)) return stepAt(steps, tokens.start[t]!);
  return steps.n === 1 ? 0 : -1;
}
