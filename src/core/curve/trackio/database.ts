import type { SqlValue } from "../../container/sqlite.ts";
import type { ByteSource, FileContext } from "../../format/format.ts";
import { isRecord } from "../../format/isRecord.ts";
import { parseTolerantJson } from "../../format/tolerantJson.ts";
import type { CurveContent, CurveOptions } from "../curveFormat.ts";
import { inDatabase, readDatabase } from "../databaseCurves.ts";
import { addTrackioRow } from "./trackioRow.ts";

/** Tables that stand beside `metrics`; the oldest databases have none of them. */
const ownTables = ["configs", "system_metrics", "traces"] as const;

export function isTrackio(tables: readonly string[], path: string): boolean {
  return (
    tables.includes("metrics") &&
    !tables.includes("runs") &&
    (ownTables.some((table) => tables.includes(table)) || isTrackioFolder(path))
  );
}

/** The folder is the one that Trackio makes in Hugging Face's cache. */
export function isTrackioFolder(path: string): boolean {
  return /(?:^|\/)trackio\/[^/]*$/.test(path);
}

/** Trackio's database, one a project (trackio/sqlite_storage.py): a JSON object of metrics in each row. */
export function readTrackioDatabase(
  source: ByteSource,
  file: FileContext,
  options: CurveOptions,
): Promise<CurveContent> {
  return readDatabase(source, file, options, async (database, table, names) => {
    if (!database.hasColumns("metrics", ["run_name", "step", "metrics"])) {
      const message = "The table `metrics` has no columns run_name, step and metrics.";
      table.report({ code: "bad-field", ...inDatabase, message });
      return;
    }
    const columns = ["run_id", "run_name", "step", "timestamp", "metrics"];
    const take = ([id, name, step, timestamp, json]: readonly SqlValue[]): void =>
      addTrackioRow(table, names, { id, name, step, timestamp, metrics: objectOf(json!) });
    await database.eachRow("metrics", columns, take, options.signal);
  });
}

/** Trackio puts bytes into a column that it declares as text. */
function objectOf(json: SqlValue): Readonly<Record<string, unknown>> | null {
  const text = json instanceof Uint8Array ? new TextDecoder().decode(json) : json;
  const parsed = typeof text === "string" ? parseTolerantJson(text, '"NaN"') : null;
  return parsed?.ok === true && isRecord(parsed.value) ? parsed.value : null;
}
