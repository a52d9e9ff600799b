import { textTrajectory } from "../../rollout/textTrajectory.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { attachOf } from "./attachments.ts";
import { readConversation } from "./conversation.ts";
import { readScores } from "./scores.ts";

type Json = Readonly<Record<string, unknown>>;

/** What repeats the conversation, or is read into it: not kept beside it. */
const raw = [
  "attachments",
  "events",
  "events_data",
  "message_pool",
  "message_refs",
  "sequences",
  "timelines",
  "transcript",
];

/**
 * An EvalSample, or its summary, as a trajectory: one a sample and epoch; the epochs of a sample are a group.
 * @param header what the log says of the whole evaluation, for the metadata
 */
export function readSample(sample: Json, header: Json, place: RecordPlace): Trajectory {
  const report: RecordPlace["report"] = (code, message) => place.report(code, message);
  const fields = new Fields(sample, "", report);
  const id = fields.key("id");
  const epoch = fields.integer("epoch");
  const { rewards, success } = readScores(sample);
  const turns = readConversation(sample, attachOf(sample), report);
  const limit = fields.raw("limit");
  const stop = turns.findLast(({ role }) => role === "assistant")?.extra.get("stop_reason");
  for (const name of [...raw, "messages", "output", "score", "target"]) fields.raw(name);
  const metadata = {
    ...header,
    ...present({ epoch, error: fields.raw("error"), limit, sample: fields.raw("metadata") }),
    ...(rewards.size > 1 ? { reward: "not one number: there are several scores" } : {}),
  };
  const extra = fields.rest();
  // The input is the first of the messages, unless a solver has put it into words of its own.
  if (turns.some(({ content }) => content === sample["input"]) || Array.isArray(sample["input"]))
    extra.delete("input");
  // Scores also hold answers and explanations.
  if (isRecord(sample["score"])) extra.set("score", sample["score"]);
  return {
    ...textTrajectory(id === null ? `L${place.line}` : `${id}_epoch_${epoch ?? 1}`, turns),
    idLogged: id !== null,
    group: id,
    groupSource: id === null ? "none" : "explicit",
    reward: rewards.size === 1 ? [...rewards.values()][0]! : NaN,
    rewards,
    success,
    truncated: isRecord(limit) ? true : isCut(stop, fields.has("error")),
    answer: answerOf(sample["target"]),
    metadata,
    extra,
  };
}

/** By how the model's last answer ended; null where an error ended the sample, or nothing says it. */
function isCut(stop: unknown, failed: boolean): boolean | null {
  if (failed || stop === undefined || stop === "unknown") return null;
  return stop === "max_tokens" || stop === "model_length";
}

function answerOf(target: unknown): string | null {
  if (target === undefined || target === null) return null;
  const only: unknown = Array.isArray(target) && target.length === 1 ? target[0] : target;
  return typeof only === "string" ? only : JSON.stringify(only);
}

/** Fields that are there; `{}` says no more than nothing. */
export function present(fields: Json): Json {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) =>
        value !== undefined && value !== null && !(isRecord(value) && Object.keys(value).length === 0),
    ),
  );
}
