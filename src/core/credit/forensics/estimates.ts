import { positionsOf } from "../../rollout/positions.ts";
import type { BatchCredit, BatchMember } from "../batchCredit.ts";
import type { Logged } from "./logged.ts";

/**
 * A run's numbers where the log has some: its credit at the trained tokens, one of its token lanes, or a rollout's number.
 * Null where it has none for one of the rollouts, or for most tokens.
 */
export function numbersOf(
  members: readonly BatchMember[],
  run: BatchCredit,
  { rollouts, offsets, target }: Logged,
  lane: string | null,
): Float64Array | null {
  const out = new Float64Array(offsets.at(-1)!);
  let missing = 0;
  for (const [i, r] of rollouts.entries()) {
    const credit = run.credit(r);
    if (credit.status !== "ok") return null;
    if (target === "advantage") {
      if (credit.credit === undefined) return null;
      out[i] = credit.credit;
      continue;
    }
    if (lane !== null && run.lanes[lane]?.level !== "token") return null;
    let at = offsets[i]!;
    const own = lane === null ? null : run.lane(r, lane);
    for (const x of own === null ? trainedCredit(members, run, r) : trainedOf(members, r, own)) {
      if (Number.isNaN(x)) missing++;
      out[at++] = Number.isNaN(x) ? 0 : x;
    }
    if (at !== offsets[i + 1]) return null;
  }
  return missing > out.length / 2 ? null : out;
}

/** Credit of the trained tokens of a rollout, in the order of their positions. */
function* trainedCredit(members: readonly BatchMember[], run: BatchCredit, r: number): Generator<number> {
  const credit = run.credit(r);
  if (credit.status !== "ok") return;
  const { n, turn, token, mask } = positionsOf(members[r]!.trajectory);
  for (let p = 0; p < n; p++) if (mask[p] === 1) yield credit.turns[turn[p]!]!.tokens?.[token[p]!] ?? NaN;
}

function* trainedOf(members: readonly BatchMember[], r: number, lane: Float64Array): Generator<number> {
  const { n, mask } = positionsOf(members[r]!.trajectory);
  for (let p = 0; p < n; p++) if (mask[p] === 1) yield lane[p]!;
}
