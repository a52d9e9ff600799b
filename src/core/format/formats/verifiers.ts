import { jsonLinesFormat } from "../jsonLines.ts";
import { tokenKey } from "../tokenKey.ts";
import { isEpisode, isTrace, readEpisode } from "../verifiers/episode.ts";

/**
 * verifiers v1 (`traces.jsonl` of `uv run eval`, and of prime-rl's `rollouts/step_<N>/{train,eval}/{all,effective}/`):
 * an Episode a line, from June to July 2026 a Trace (`results.jsonl`, then `traces.jsonl`; prime-rl's
 * `train_rollouts.jsonl`). A trace is a graph of messages; each leaf is a trajectory `TRACE#NODE`, a trace with one leaf
 * is `TRACE`. A turn's reasoning stands before its content; tokens have ids and no place in the text. `ok` says that the
 * episode ran, not that its answer is right: it is shown, and is no success.
 */
export const verifiers = jsonLinesFormat({
  id: "verifiers",
  label: "verifiers / prime-rl traces",
  written: "verifiers v1 (a60a606ec, 2026-08-21, after 0.3.0) and prime-rl (559b44772, 2026-08-21)",
  lacks: "text of tokens; credit in files named `all`",
  doc: "Episodes with message graphs: turns, token ids, masks, logprobs, advantages, loss weights; groups from `group.id`.",
  joinKey: (trajectory) => tokenKey(trajectory) ?? NaN,
  // `all` grows as episodes finish; `effective` holds those that were trained on once more, with their credit.
  sameAs: (path) => (/(?:^|\/)all\/traces\.jsonl$/.test(path) ? "../effective/traces.jsonl" : null),
  matches: (record) => isEpisode(record) || isTrace(record),
  read: (record, place) => readEpisode(record, place),
});
