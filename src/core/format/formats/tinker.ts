import { jsonLinesFormat } from "../jsonLines.ts";
import { readBenchmark } from "../tinker/benchmark.ts";
import { conversationsBeside } from "../tinker/logtree.ts";
import { readSummary } from "../tinker/summary.ts";

/**
 * The Tinker cookbook's `iteration_<N>/<base>_rollout_summaries.jsonl`, joined with the texts of `<base>_logtree.json`
 * beside it, which has those of the first groups only; and a benchmark's `trajectories.jsonl`.
 */
export const tinker = jsonLinesFormat({
  id: "tinker",
  label: "Tinker cookbook",
  written: "tinker-cookbook (main at 9dfcc3a2, 2026-08-19)",
  lacks: "tokens (counts only), logprobs; texts of all but the first groups",
  doc: "Rollout summaries: `iteration`, `group_idx`, `traj_idx`, `steps` with rewards; benchmark trajectories with `turns`.",
  matches: (record) => isSummary(record) || isBenchmark(record),
  beside: conversationsBeside,
  read: (record, place) => [isSummary(record) ? readSummary(record, place) : readBenchmark(record, place)],
});

function isSummary(record: Readonly<Record<string, unknown>>): boolean {
  return (
    ["iteration", "group_idx", "traj_idx"].every((name) => name in record) && Array.isArray(record["steps"])
  );
}

/** The native format has turns too, and says so in its `schema`. */
function isBenchmark(record: Readonly<Record<string, unknown>>): boolean {
  return "idx" in record && "benchmark" in record && Array.isArray(record["turns"]) && !("schema" in record);
}
