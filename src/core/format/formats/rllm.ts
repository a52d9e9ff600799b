import { isRecord } from "../isRecord.ts";
import { jsonLinesFormat } from "../jsonLines.ts";
import { readEpisode } from "../rllm/episode.ts";

/**
 * rLLM's episodes, a file each: of training (`episodes/{train|val}_step_<S>_epoch_<E>/episode_….json`, text only) and of
 * evaluation (`<run>/episodes/episode_<idx>_<task>.json`, with token ids, logprobs and advantages).
 */
export const rllm = jsonLinesFormat({
  id: "rllm",
  label: "rLLM",
  written: "rLLM (main at 9beb6e0f, 2026-08-15)",
  lacks: "tokens in training episodes; text of tokens in evaluation episodes",
  doc: "Episodes with `trajectories` of `steps`; groups from `episode_id` before the colon; `training_step`, `weight_version`.",
  matches: (record) =>
    ("training_step" in record || "eval_idx" in record) &&
    Array.isArray(record["trajectories"]) &&
    record["trajectories"].every((one) => isRecord(one) && Array.isArray(one["steps"])),
  read: readEpisode,
});
