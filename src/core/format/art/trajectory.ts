import { textTrajectory } from "../../rollout/textTrajectory.ts";
import type { Trajectory, Turn } from "../../rollout/trajectory.ts";
import { Fields } from "../fields.ts";
import { isRecord } from "../isRecord.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { readChatMessage } from "../message/chatMessage.ts";
import { withReasoning } from "../message/reasoning.ts";
import { isTruncated, readChoice } from "../openai/choice.ts";
import { parseTolerantJson } from "../tolerantJson.ts";

/** Where a trajectory stands. */
export interface ArtPlace extends Pick<RecordPlace, "report"> {
  /** Its id, as the log has none. */
  readonly id: string;
  /** Path for reports, as `trajectories[2]`; empty for the record itself. */
  readonly where: string;
}

/**
 * One trajectory of ART: `messages_and_choices` (a sampled message is an OpenAI choice), or `messages` as its Parquet
 * files have them, in which `trainable` marks the sampled ones and objects are JSON in strings. Turns of an additional
 * history follow: its first has no parent, `history` in `extra` numbers it. Group, step and split are the caller's to add.
 */
export function readArtTrajectory(record: Readonly<Record<string, unknown>>, place: ArtPlace): Trajectory {
  const { id, where, report } = place;
  const fields = new Fields(record, where, report);
  const turns = readMessages(record, fields, { prefix: where === "" ? "" : `${where}.`, report });
  const finish = turns.findLast(({ trainable }) => trainable)?.extra.get("finish_reason");
  const histories = unwrapped(fields.raw("additional_histories"));
  for (const [k, history] of (Array.isArray(histories) ? (histories as unknown[]) : []).entries()) {
    const path = `${where === "" ? "" : `${where}.`}additional_histories[${k}]`;
    if (!isRecord(history)) report("bad-field", `${path} is not an object and is left out.`);
    else turns.push(...historyTurns(history, { path, k, first: turns.length, report }));
  }
  const reward = fields.number("reward");
  const metadata = unwrapped(fields.raw("metadata"));
  const extra = fields.rest();
  for (const name of ["metrics", "tools"]) if (extra.has(name)) extra.set(name, unwrapped(extra.get(name)));
  return {
    ...textTrajectory(id, turns),
    reward,
    truncated: isTruncated(typeof finish === "string" ? finish : null),
    metadata: metadata ?? undefined,
    extra,
  };
}

interface MessagePlace extends Pick<RecordPlace, "report"> {
  /** Path before the list's name. */
  readonly prefix: string;
}

function readMessages(
  record: Readonly<Record<string, unknown>>,
  fields: Fields,
  { prefix, report }: MessagePlace,
): Turn[] {
  const name = Object.hasOwn(record, "messages_and_choices") ? "messages_and_choices" : "messages";
  return (fields.list(name) ?? []).map((item, i) => {
    const where = `${prefix}${name}[${i}]`;
    const parent = i - 1;
    if (isRecord(item) && isRecord(item["message"])) return readChoice(item, { where, parent, report }).turn;
    return withReasoning(readMessage(item, { where, parent, report }));
  });
}

/** A message that no choice holds was written by hand, unless `trainable` says that it was sampled. */
function readMessage(
  value: unknown,
  place: { readonly where: string; readonly parent: number } & Pick<RecordPlace, "report">,
): Turn {
  const calls = isRecord(value) ? unwrapped(value["tool_calls"]) : undefined;
  const turn = readChatMessage(isRecord(value) ? { ...value, tool_calls: calls } : value, place);
  const extra = new Map(turn.extra);
  const trainable = extra.get("trainable");
  extra.delete("trainable");
  return { ...turn, trainable: trainable === true, extra };
}

/** Another conversation of the same trajectory: trained on with the same reward, and on nothing before it. */
function historyTurns(
  history: Readonly<Record<string, unknown>>,
  { path, k, first, report }: { path: string; k: number; first: number; report: RecordPlace["report"] },
): readonly Turn[] {
  const fields = new Fields(history, path, report);
  const turns = readMessages(history, fields, { prefix: `${path}.`, report });
  return turns.map((turn, i) => ({
    ...turn,
    parent: i === 0 ? -1 : first + turn.parent,
    extra: new Map([...turn.extra, ...(i === 0 ? [["history", k + 1] as const, ...fields.rest()] : [])]),
  }));
}

/** Parquet columns hold objects as JSON text; what is no JSON stays the text it is. */
function unwrapped(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const parsed = parseTolerantJson(value);
  return parsed.ok ? parsed.value : value;
}
