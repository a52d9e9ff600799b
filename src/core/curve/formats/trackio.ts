import type { SqlValue } from "../../container/sqlite.ts";
import { isRecord } from "../../format/isRecord.ts";
import { parseTolerantJson } from "../../format/tolerantJson.ts";
import type { CurveFormat } from "../curveFormat.ts";
import { databaseNames, inDatabase, readDatabase } from "../databaseCurves.ts";
import { flatMetrics, stepOf } from "../metricLines.ts";
import type { SeriesTable } from "../seriesTable.ts";

/** Tables that stand beside `metrics`; the oldest databases have none of them. */
const ownTables = ["configs", "system_metrics", "traces"] as const;

/**
 * Trackio's database, one a project (trackio/sqlite_storage.py): the metrics of a call of `trackio.log` are a JSON
 * object in one row. Tables, traces and images are no metrics.
 */
export const trackio: CurveFormat<"trackio"> = {
  id: "trackio",
  label: "Trackio",
  doc: "A project's SQLite database (`<project>.db`) with all its runs, what is in its write-ahead log included.",
  written: "Trackio (main at 2a027522, 2026-08-21) and databases without run ids before",
  lacks: "system metrics, tables, traces",
  ...databaseNames,
  continues: false,
  sniff: ({ path, tables }) =>
    tables !== null &&
    tables.includes("metrics") &&
    !tables.includes("runs") &&
    (ownTables.some((table) => tables.includes(table)) || /\/trackio\/[^/]*$/.test(path)),
  read: (source, file, options) =>
    readDatabase(source, file, options, async (database, table, names) => {
      if (!database.hasColumns("metrics", ["run_name", "step", "metrics"])) {
        const message = "The table `metrics` has no columns run_name, step and metrics.";
        table.report({ code: "bad-field", ...inDatabase, message });
        return;
      }
      const columns = ["run_id", "run_name", "step", "timestamp", "metrics"];
      await database.eachRow("metrics", columns, (row) => addRow(table, row, names), options.signal);
    }),
};

function addRow(
  table: SeriesTable,
  [id, name, step, timestamp, json]: readonly SqlValue[],
  names: Map<string, string>,
): void {
  const metrics = objectOf(json!);
  const at = stepOf(step);
  if (typeof name !== "string" || at === undefined || metrics === null) {
    const message = "A row of metrics is left out: it has no run, step and JSON object.";
    table.report({ code: "bad-field", ...inDatabase, message });
    return;
  }
  if (typeof id === "string") names.set(id, name);
  const wallTime = typeof timestamp === "string" ? secondsOf(timestamp) : NaN;
  for (const [metric, value] of flatMetrics(metrics, { isTyped: true }))
    table.add(typeof id === "string" ? id : name, metric, { step: at, value, wallTime }, inDatabase);
}

/** Trackio puts bytes into a column that it declares as text. */
function objectOf(json: SqlValue): Readonly<Record<string, unknown>> | null {
  const text = json instanceof Uint8Array ? new TextDecoder().decode(json) : json;
  const parsed = typeof text === "string" ? parseTolerantJson(text, '"NaN"') : null;
  return parsed?.ok === true && isRecord(parsed.value) ? parsed.value : null;
}

/** Seconds since the epoch of an ISO date and time; without a zone it is UTC, as in what Trackio writes. */
function secondsOf(timestamp: string): number {
  const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/.test(timestamp);
  return Date.parse(hasZone ? timestamp : `${timestamp}Z`) / 1000;
}
