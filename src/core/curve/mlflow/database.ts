import type { SqliteDatabase, SqlValue } from "../../container/sqlite.ts";
import type { ByteSource, FileContext } from "../../format/format.ts";
import type { CurveContent, CurveOptions } from "../curveFormat.ts";
import { inDatabase, readDatabase } from "../databaseCurves.ts";
import type { LoggedPoint, SeriesTable } from "../seriesTable.ts";

/** What MLflow's schema has, and other programs' that have a table `metrics` have not. */
const ownTables = ["runs", "metrics", "latest_metrics"] as const;

export function isMlflow(tables: readonly string[]): boolean {
  return ownTables.every((table) => tables.includes(table));
}

/**
 * MLflow's SQLite store (mlflow/store/tracking/dbmodels/models.py): the metrics of all its runs in the order they were
 * logged. Runs that were deleted are left out.
 */
export function readMlflowDatabase(
  source: ByteSource,
  file: FileContext,
  options: CurveOptions,
): Promise<CurveContent> {
  return readDatabase(source, file, options, async (database, table, names) => {
    const deleted = await readRuns(database, names);
    await database.eachRow("metrics", metricColumns, (row) => addMetric(table, row, deleted), options.signal);
  });
}

/** @returns ids of the runs that were deleted */
async function readRuns(
  database: SqliteDatabase,
  names: Map<string, string>,
): Promise<ReadonlySet<SqlValue>> {
  const deleted = new Set<SqlValue>();
  await database.eachRow("runs", ["run_uuid", "name", "lifecycle_stage"], ([id, name, stage]) => {
    if (stage === "deleted") deleted.add(id!);
    if (typeof id === "string") names.set(id, typeof name === "string" && name !== "" ? name : id);
  });
  // Stores that are older than the column have the name in a tag alone.
  await database.eachRow("tags", ["run_uuid", "key", "value"], ([id, key, value]) => {
    if (key !== "mlflow.runName" || typeof id !== "string" || typeof value !== "string" || value === "")
      return;
    if (names.get(id) === id) names.set(id, value);
  });
  return deleted;
}

const metricColumns = ["run_uuid", "key", "value", "timestamp", "step", "is_nan"] as const;

function addMetric(table: SeriesTable, row: readonly SqlValue[], deleted: ReadonlySet<SqlValue>): void {
  const [run, key] = row;
  if (deleted.has(run!)) return;
  const point = pointOf(row);
  if (typeof run === "string" && typeof key === "string" && point !== null)
    table.add(run, key, point, inDatabase);
  else {
    const message = "A row of metrics is left out: it has no run, name, number and step.";
    table.report({ code: "bad-field", ...inDatabase, message });
  }
}

function pointOf([, , value, milliseconds, step, isNan]: readonly SqlValue[]): LoggedPoint | null {
  const at = step ?? 0;
  if (typeof value !== "number" || typeof at !== "number" || !Number.isInteger(at)) return null;
  const wallTime = typeof milliseconds === "number" ? milliseconds / 1000 : NaN;
  return { step: at, value: isNan === 1 ? NaN : unclipped(value), wallTime };
}

/** MLflow puts the infinities down as the largest numbers there are. */
function unclipped(value: number): number {
  return Math.abs(value) === Number.MAX_VALUE ? Math.sign(value) * Infinity : value;
}
