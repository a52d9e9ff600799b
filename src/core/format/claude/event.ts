import { Fields } from "../fields.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { readId } from "../readId.ts";

/** A line of a session. */
export interface SessionEvent {
  /** Null for lines that are no part of the conversation (summaries, snapshots of files). */
  readonly uuid: string | null;
  readonly parent: string | null;
  readonly type: string;
  readonly session: string | null;
  /** Written by an agent that the main one has started. */
  readonly isSidechain: boolean;
  /** Seconds since the epoch; NaN = not logged. */
  readonly time: number;
  readonly record: Readonly<Record<string, unknown>>;
}

/** Fields that tell where an event stands, and are not told again. */
export const placeFields: ReadonlySet<string> = new Set([
  "parentUuid",
  "logicalParentUuid",
  "isSidechain",
  "type",
  "timestamp",
  "message",
]);

export function readEvent(
  record: Readonly<Record<string, unknown>>,
  report: RecordPlace["report"],
): SessionEvent {
  const fields = new Fields(record, "", report);
  const stamp = fields.text("timestamp");
  const time = stamp === null ? NaN : Date.parse(stamp) / 1000;
  if (stamp !== null && Number.isNaN(time)) fields.wrong("timestamp", "is no time and is read as missing");
  return {
    uuid: fields.text("uuid"),
    // Behind a compaction the conversation goes on from an event that it is no child of.
    parent: fields.text("parentUuid") ?? fields.text("logicalParentUuid"),
    type: fields.text("type") ?? "unknown",
    session: readId(fields, "sessionId"),
    isSidechain: fields.flag("isSidechain") ?? false,
    time,
    record,
  };
}
