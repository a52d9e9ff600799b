import { inDatabase } from "../databaseCurves.ts";
import { flatMetrics, stepOf } from "../metricLines.ts";
import { isoSeconds } from "../metricNames.ts";
import type { SeriesTable } from "../seriesTable.ts";

/** One call of `trackio.log`, in the database and in its export alike. */
export interface TrackioRow {
  /** Null in databases that are older than ids of runs. */
  readonly id: unknown;
  readonly name: unknown;
  readonly step: unknown;
  /** ISO date and time. */
  readonly timestamp: unknown;
  readonly metrics: Readonly<Record<string, unknown>> | null;
}

export function addTrackioRow(
  table: SeriesTable,
  names: Map<string, string>,
  { id, name, step, timestamp, metrics }: TrackioRow,
): void {
  const at = stepOf(step);
  if (typeof name !== "string" || at === undefined || metrics === null) {
    const message = "A row of metrics is left out: it has no run, step and JSON object.";
    table.report({ code: "bad-field", ...inDatabase, message });
    return;
  }
  const hasId = typeof id === "string" && id !== "";
  if (hasId) names.set(id, name);
  const wallTime = isoSeconds(timestamp);
  for (const [metric, value] of flatMetrics(metrics, { isTyped: true }))
    table.add(hasId ? id : name, metric, { step: at, value, wallTime }, inDatabase);
}
