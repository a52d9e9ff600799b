import { textTrajectory, textTurn } from "../../rollout/textTrajectory.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { Fields, toNumber } from "../fields.ts";
import { jsonLinesFormat, type RecordPlace } from "../jsonLines.ts";

/**
 * verl's rollout and validation dumps (`trainer.rollout_data_dir`, `trainer.validation_data_dir`): one row a line, a
 * file a step, text only. `input` is the decoded prompt with the template's role words still in it, so it is one turn
 * of role "prompt"; `output` is the whole response, tool text included, as nothing marks where it begins.
 */
export const verl = jsonLinesFormat({
  id: "verl",
  label: "verl",
  written: "verl 0.4 to 0.9 (main at 1dda039b9, 2026-08-22) and its forks",
  lacks: "tokens, logprobs, advantages; turns of agents stand in one text",
  doc: "Rollout and validation dumps: `input`, `output`, `score`, `step`; groups from `uid` (v0.9) or from equal prompts.",
  matches: (record) =>
    typeof record["input"] === "string" && typeof record["output"] === "string" && "score" in record,
  read: (record, place) => [readRow(record, place)],
});

function readRow(record: Readonly<Record<string, unknown>>, place: RecordPlace): Trajectory {
  const fields = new Fields(record, "", (code, message) => place.report(code, message));
  const input = fields.text("input") ?? "";
  const output = fields.text("output") ?? "";
  const uid = fields.key("uid");
  const step = fields.integerOrText("step") ?? stepOfName(place.path);
  // `prompt_rollout_output` names a row; without the two indices it is the prompt's, shared by its rollouts.
  const prompt = uid === null ? undefined : /^(.+)_[^_]*_[^_]*$/s.exec(uid)?.[1];
  const gts = fields.raw("gts");
  const base = textTrajectory(prompt === undefined ? `L${place.line}` : uid!, [
    textTurn("prompt", input, -1),
    textTurn("assistant", output, 0),
  ]);
  const reward = fields.numberOrText("score");
  const rest = fields.rest();
  return {
    ...base,
    idLogged: prompt !== undefined,
    group: prompt ?? uid ?? `prompt ${hash(input)}`,
    groupSource: uid === null ? "same-prompt" : prompt === undefined ? "explicit" : "uid-prefix",
    trainStep: step,
    split: isValidation(place.path) ? "validation" : "train",
    reward,
    rewards: rewardParts(rest),
    success: successOf(rest),
    answer: gts === undefined || gts === null ? null : typeof gts === "string" ? gts : JSON.stringify(gts),
    extra: rest,
  };
}

/** Extra numbers that are parts of the reward by their usual names; all extras stay in `extra` too. */
function rewardParts(rest: ReadonlyMap<string, unknown>): Map<string, number> {
  const parts = new Map<string, number>();
  for (const [name, value] of rest) {
    if (!/reward|^acc(uracy)?$|^format|^overlong|score/i.test(name)) continue;
    const number = typeof value === "boolean" ? Number(value) : toNumber(value);
    if (number !== undefined) parts.set(name, number);
  }
  return parts;
}

function successOf(rest: ReadonlyMap<string, unknown>): boolean | null {
  const acc = rest.get("acc");
  if (typeof acc === "boolean") return acc;
  const number = toNumber(acc);
  return number === 1 ? true : number === 0 ? false : null;
}

/** `…/12.jsonl` → 12: the older trainers' file name is the step. */
function stepOfName(path: string): number | null {
  const digits = /(?:^|\/)(\d{1,15})\.[a-z]+$/i.exec(path)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** Dumps of validation lie in a folder of their own; nothing in the rows says so. */
function isValidation(path: string): boolean {
  const folder = /([^/]*)\/[^/]*$/.exec(path)?.[1] ?? "";
  return /(?:^|[_-])val(?:id(?:ation)?)?(?:[_-]|$)/i.test(folder);
}

/** FNV-1a over UTF-16 units, twice with different seeds: 64 bits, so that different prompts do not meet. */
function hash(text: string): string {
  let a = 0x811c9dc5;
  let b = 0xcbf29ce4;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b);
  }
  return (a >>> 0).toString(16).padStart(8, "0") + (b >>> 0).toString(16).padStart(8, "0");
}
