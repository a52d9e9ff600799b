import { textTrajectory, textTurn } from "../../rollout/textTrajectory.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { jsonLinesFormat, type RecordPlace } from "../jsonLines.ts";
import { promptKey } from "../promptKey.ts";
import { glanceRow } from "../verl/glance.ts";
import {
  isRewardPart,
  isValidation,
  promptOfUid,
  rewardPartOf,
  stepOfName,
  successOf,
} from "../verl/names.ts";
import { turnsByRoleWords } from "../verl/roleWords.ts";

/**
 * verl's rollout and validation dumps (`trainer.rollout_data_dir`, `trainer.validation_data_dir`): one row a line, a
 * file a step, text only. `input` is the decoded prompt with the template's role words still in it, so it is one turn
 * of role "prompt"; `output` is the whole response, tool text included. Where a template's role words stand in it, its
 * turns are guessed from them (`signals.turns` says so). A row of verl-agent or RAGEN is one step of an environment:
 * nothing in it says which episode it is of, so rows are not joined.
 */
export const verl = jsonLinesFormat({
  id: "verl",
  label: "verl",
  written: "verl 0.4 to 0.9 (main at 1dda039b9, 2026-08-22) and its forks",
  lacks: "tokens, logprobs, advantages; turns of agents are guessed from role words",
  doc: "Rollout and validation dumps: `input`, `output`, `score`, `step`; groups from `uid` (v0.9) or from equal prompts.",
  matches: (record) =>
    typeof record["input"] === "string" && typeof record["output"] === "string" && "score" in record,
  read: (record, place) => [readRow(record, place)],
  glance(record, place, names) {
    const summary = glanceRow(record, place, names);
    return summary === null ? null : [summary];
  },
});

function readRow(record: Readonly<Record<string, unknown>>, place: RecordPlace): Trajectory {
  const fields = new Fields(record, "", (code, message) => place.report(code, message));
  const input = fields.text("input") ?? "";
  const output = fields.text("output") ?? "";
  const uid = fields.key("uid");
  const step = fields.integerOrText("step") ?? stepOfName(place.path);
  const prompt = uid === null ? null : promptOfUid(uid);
  const gts = fields.raw("gts");
  const guessed = turnsByRoleWords(input, output, 0);
  const base = textTrajectory(prompt === null ? `L${place.line}` : uid!, [
    textTurn("prompt", input, -1),
    ...(guessed?.turns ?? [textTurn("assistant", output, 0)]),
  ]);
  const reward = fields.numberOrText("score");
  const rest = fields.rest();
  return {
    ...base,
    idLogged: prompt !== null,
    group: prompt ?? uid ?? promptKey(input),
    groupSource: uid === null ? "same-prompt" : prompt === null ? "explicit" : "uid-prefix",
    trainStep: step,
    split: isValidation(place.path) ? "validation" : "train",
    signals: guessed?.signals ?? base.signals,
    reward,
    rewards: rewardParts(rest),
    success: successOf(rest.get("acc")),
    answer: gts === undefined || gts === null ? null : typeof gts === "string" ? gts : JSON.stringify(gts),
    extra: rest,
  };
}

/** Extra numbers that are parts of the reward by their usual names; all extras stay in `extra` too. */
function rewardParts(rest: ReadonlyMap<string, unknown>): Map<string, number> {
  const parts = new Map<string, number>();
  for (const [name, value] of rest) {
    const number = isRewardPart(name) ? rewardPartOf(value) : undefined;
    if (number !== undefined) parts.set(name, number);
  }
  return parts;
}
