import { positionsOf } from "../../rollout/positions.ts";
import { trajectoryNumber } from "../ownNumbers.ts";
import type { BatchMember } from "../batchCredit.ts";

/** What the log holds of what its trainer computed. */
export type Target = "advantages" | "returns" | "advantage";

/** Logged numbers to be explained: of trained tokens, or one a rollout. */
export interface Logged {
  readonly target: Target;
  /** Indices of the rollouts that have them, and where the numbers of each begin; one more at the end. */
  readonly rollouts: readonly number[];
  readonly offsets: Int32Array;
  readonly numbers: Float64Array;
}

/**
 * The logged advantages of trained tokens, else their returns, else a rollout's own `advantage`; null where the log has
 * none. Rollouts that lack a number at a trained token are left out.
 */
export function loggedOf(members: readonly BatchMember[]): Logged | null {
  for (const target of ["advantages", "returns"] as const) {
    const columns = members.map((member) => tokenNumbers(member, target));
    const found = gathered(target, columns);
    if (found !== null) return found;
  }
  const whole = members.map(({ trajectory }) => {
    const x = trajectoryNumber(trajectory, "advantage");
    return Number.isNaN(x) ? null : Float64Array.of(x);
  });
  return gathered("advantage", whole);
}

function gathered(target: Target, columns: readonly (Float64Array | null)[]): Logged | null {
  const rollouts = columns.flatMap((column, r) => (column === null ? [] : [r]));
  if (rollouts.length === 0) return null;
  const offsets = new Int32Array(rollouts.length + 1);
  rollouts.forEach((r, i) => (offsets[i + 1] = offsets[i]! + columns[r]!.length));
  const numbers = new Float64Array(offsets.at(-1)!);
  rollouts.forEach((r, i) => numbers.set(columns[r]!, offsets[i]));
  return { target, rollouts, offsets, numbers };
}

/** A column at the trained tokens of a rollout; null where it has none, or not at all of them. */
function tokenNumbers({ trajectory }: BatchMember, name: string): Float64Array | null {
  const { n, turn, token, mask } = positionsOf(trajectory);
  const found: number[] = [];
  for (let p = 0; p < n; p++) {
    if (mask[p] !== 1) continue;
    const x = trajectory.turns[turn[p]!]!.tokens?.columns.get(name)?.[token[p]!];
    if (x === undefined || Number.isNaN(x)) return null;
    found.push(x);
  }
  return found.length === 0 ? null : Float64Array.from(found);
}
