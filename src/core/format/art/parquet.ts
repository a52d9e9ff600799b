import type { Trajectory } from "../../rollout/trajectory.ts";
import type { RecordPlace } from "../jsonLines.ts";
import { parseTolerantJson } from "../tolerantJson.ts";
import { readArtTrajectory } from "./trajectory.ts";

type Json = Readonly<Record<string, unknown>>;

/** ART's Parquet files: a row a trajectory; those that its migration wrote have no columns of the group. */
export function isArtTable(names: readonly string[]): boolean {
  const has = (name: string): boolean => names.includes(name);
  return (
    has("messages") &&
    has("reward") &&
    (has("group_index") || (has("metrics") && has("additional_histories")))
  );
}

/** A row: the trajectory, and what is said of its group in columns `group_…`, objects as JSON in strings. */
export function readArtRow(row: Json, place: RecordPlace): Trajectory {
  const report: RecordPlace["report"] = (code, message) => place.report(code, message);
  const { group_index: index, ...rest } = row;
  const one = readArtTrajectory(rest, { id: `L${place.line}`, where: "", report });
  const extra = new Map(
    [...one.extra]
      // A column is there for all rows: where it has nothing for one it says nothing.
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, name.startsWith("group_") ? unwrapped(value) : value]),
  );
  const group = typeof index === "number" ? String(index) : null;
  return { ...one, group, groupSource: group === null ? "none" : "explicit", extra };
}

function unwrapped(value: unknown): unknown {
  const parsed = typeof value === "string" ? parseTolerantJson(value) : null;
  return parsed?.ok === true ? parsed.value : value;
}
