import { textTrajectory } from "../../rollout/textTrajectory.ts";
import type { Split, Trajectory } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { readId } from "../readId.ts";
import { readSteps } from "./steps.ts";

type Json = Readonly<Record<string, unknown>>;

/** An episode: a trajectory an agent. Those of one agent and one task are a group, as the trainer groups them. */
export function readEpisode(record: Json, place: RecordPlace): readonly Trajectory[] {
  const report: RecordPlace["report"] = (code, message) => place.report(code, message);
  const fields = new Fields(record, "", report);
  const id = readId(fields, fields.has("episode_id") ? "episode_id" : "id");
  const step = fields.integer("training_step");
  const success = fields.flag("is_correct");
  const members = fields.list("trajectories") ?? [];
  const metadata = fields.raw("metadata");
  const extra = fields.rest();
  const task = taskOf(id);
  return members.flatMap((member, i) => {
    const where = `trajectories[${i}]`;
    if (!isRecord(member)) report("bad-field", `${where} is not an object and is left out.`);
    if (!isRecord(member)) return [];
    const own = new Fields(member, where, report);
    const name = own.key("name");
    const { turns, signals, version } = readSteps(own, { where, agent: name, report });
    const reward = own.number("reward");
    const base = id ?? `L${place.line}`;
    const isAlone = members.length === 1;
    return [
      {
        ...textTrajectory(isAlone ? base : `${base}#${i}`, turns),
        idLogged: id !== null,
        group: task === null ? null : isAlone ? task : `${task}:${name ?? i}`,
        groupSource: task === null ? "none" : "uid-prefix",
        trainStep: step ?? version,
        split: splitOf(record, place.path),
        reward,
        success,
        truncated: isTruncated(record["termination_reason"]),
        answer: answerOf(record["task"]),
        metadata: metadata ?? undefined,
        signals,
        extra: new Map([...extra, ["trajectory", Object.fromEntries(own.rest())]]),
      } as const,
    ];
  });
}

/** `<task>:<rollout>` → task. */
function taskOf(id: string | null): string | null {
  if (id === null) return null;
  const colon = id.indexOf(":");
  return colon < 0 ? id : id.slice(0, colon);
}

/** Episodes of an evaluation store, and of a trainer's validation (`val_step_<S>_epoch_<E>`). */
function splitOf(record: Json, path: string): Split {
  const isValidation = !("training_step" in record) || /(?:^|\/)val_step_\d+_epoch_\d+\/[^/]*$/.test(path);
  return isValidation ? "validation" : "train";
}

/** `max_turns_exceeded`, `max_response_length_exceeded`, `timeout`, …; `env_done` ended by itself. */
function isTruncated(reason: unknown): boolean | null {
  if (typeof reason !== "string") return null;
  if (/^(?:max_|timeout)/i.test(reason)) return true;
  return /^env_done$/i.test(reason) ? false : null;
}

function answerOf(task: unknown): string | null {
  const truth = isRecord(task) ? task["ground_truth"] : undefined;
  return truth === undefined || truth === null
    ? null
    : typeof truth === "string"
      ? truth
      : JSON.stringify(truth);
}
