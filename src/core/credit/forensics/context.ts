import { positionsOf } from "../../rollout/positions.ts";
import type { BatchMember } from "../batchCredit.ts";
import type { Logged } from "./logged.ts";
import type { StageContext } from "./stages.ts";

/** What the stages of a trainer's pipeline need, beside the logged numbers. */
export function contextOf(
  members: readonly BatchMember[],
  { numbers, rollouts, offsets, target }: Logged,
): StageContext {
  const keys = new Map<string, number>();
  const group = new Int32Array(numbers.length);
  rollouts.forEach((r, i) => {
    const name = members[r]!.groupKey ?? `\n${r}`;
    if (!keys.has(name)) keys.set(name, keys.size);
    group.fill(keys.get(name)!, offsets[i], offsets[i + 1]);
  });
  return { y: numbers, group, kl: target === "advantage" ? null : penalties(members, rollouts, offsets) };
}

/** KL penalty of each trained token and those after it; null where the log has none for some rollout. */
function penalties(
  members: readonly BatchMember[],
  rollouts: readonly number[],
  offsets: Int32Array,
): Float64Array | null {
  const out = new Float64Array(offsets.at(-1)!);
  for (const [i, r] of rollouts.entries()) {
    const { trajectory } = members[r]!;
    const { n, turn, token, mask } = positionsOf(trajectory);
    let sum = 0;
    let at = offsets[i + 1]!;
    for (let p = n - 1; p >= 0; p--) {
      if (mask[p] !== 1) continue;
      const columns = trajectory.turns[turn[p]!]!.tokens!.columns;
      const read = (name: string): number => columns.get(name)?.[token[p]!] ?? NaN;
      const kl = Number.isNaN(read("kl")) ? read("logprobs") - read("ref_logprobs") : read("kl");
      if (Number.isNaN(kl)) return null;
      sum += kl;
      out[--at] = sum;
    }
  }
  return out;
}
