import { turnsNote, type SignalNote, type Trajectory } from "../../rollout/trajectory.ts";
import { textTrajectory } from "../../rollout/textTrajectory.ts";
import { Fields } from "../fields.ts";
import { jsonLinesFormat, type RecordPlace } from "../jsonLines.ts";
import { templateTurns } from "../message/templateTurns.ts";

/**
 * AReaL's rollout dumps (`workflow_executor.py`): `{rollout|eval-rollout}/<tail_version>/<task_id>.jsonl`, a file a
 * prompt, a line a sample; prompt and completion decoded with special tokens kept, so turns are found by the marks.
 */
export const areal = jsonLinesFormat({
  id: "areal",
  label: "AReaL",
  written: "AReaL 1.0 (main at 4aef98d8d, 2026-05-21)",
  lacks:
    "tokens (lengths only), logprobs, advantages; a sure border of prompt and response where a sample has several turns",
  doc: "Rollout dumps: `task_id` (the group), `sample_idx`, `prompt`, `completion`, `reward`; the train step is `tail_version`.",
  matches: (record) =>
    ["task_id", "sample_idx", "seqlen", "prompt_len", "completion"].every((name) =>
      Object.hasOwn(record, name),
    ),
  read: (record, place) => [readSample(record, place)],
});

function readSample(record: Readonly<Record<string, unknown>>, place: RecordPlace): Trajectory {
  const fields = new Fields(record, "", (code, message) => place.report(code, message));
  const [, folder = "", version = ""] = /(?:^|\/)([^/]+)\/([^/]+)\/[^/]+$/.exec(place.path) ?? [];
  const group = fields.key("task_id");
  const sample = fields.key("sample_idx");
  const { turns, signals } = templateTurns(fields.text("prompt") ?? "", fields.text("completion") ?? "");
  const metadata: Record<string, unknown> = { sample_idx: fields.raw("sample_idx") };
  for (const count of ["seqlen", "prompt_len", "head_version"]) metadata[count] = fields.raw(count);
  const tail = fields.integer("tail_version");
  metadata["tail_version"] = fields.raw("tail_version");
  const isNamed = group !== null && sample !== null;
  return {
    ...textTrajectory(isNamed ? `${group}_${sample}` : `L${place.line}`, turns),
    idLogged: isNamed,
    group,
    groupSource: group === null ? "none" : "explicit",
    trainStep: tail ?? (/^\d{1,15}$/.test(version) ? Number(version) : null),
    split: folder === "eval-rollout" ? "validation" : "train",
    reward: fields.number("reward"),
    metadata,
    signals: withCaveat(turns, signals),
    extra: fields.rest(),
  };
}

/**
 * The writer takes the border from `seqlen − sum(loss_mask)`: observations in the middle move it into the response, so
 * that the prompt may hold the beginning of a first response.
 */
function withCaveat(
  turns: Trajectory["turns"],
  signals: ReadonlyMap<string, SignalNote>,
): ReadonlyMap<string, SignalNote> {
  const assistants = turns.filter(({ role }) => role === "assistant").length;
  if (!signals.has(turnsNote) || assistants < 2) return signals;
  return new Map([
    ...signals,
    [turnsNote, { source: "by template marks; the prompt may hold response text" }],
  ]);
}
