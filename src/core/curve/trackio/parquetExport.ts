import { ContainerError } from "../../container/containerError.ts";
import { openParquet } from "../../container/parquet.ts";
import type { ByteSource } from "../../format/format.ts";
import type { CurveContent, CurveOptions } from "../curveFormat.ts";
import { inDatabase } from "../databaseCurves.ts";
import { SeriesTable } from "../seriesTable.ts";
import { addTrackioRow } from "./trackioRow.ts";

/** Columns of every export; what it holds of traces has the others too. */
const ownColumns = ["run_name", "step", "timestamp"] as const;
const traceColumns = ["messages", "trace_index"] as const;

export function isTrackioExport(columns: readonly string[]): boolean {
  return (
    ownColumns.every((column) => columns.includes(column)) &&
    !traceColumns.some((column) => columns.includes(column))
  );
}

/** A project as Trackio exports it to Parquet: a column a metric, empty where the row did not log it. */
export async function readTrackioExport(source: ByteSource, options: CurveOptions): Promise<CurveContent> {
  const table = new SeriesTable(options);
  const names = new Map<string, string>();
  try {
    const parquet = await openParquet(source);
    for (const group of parquet.groups) {
      if (options.signal?.aborted === true) break;
      for (const row of await parquet.readGroup(group)) {
        const { id: _, run_id: id, run_name: name, step, timestamp, ...metrics } = row;
        addTrackioRow(table, names, { id, name, step, timestamp, metrics });
      }
    }
  } catch (error) {
    if (!(error instanceof ContainerError)) throw error;
    table.report({ code: error.code, ...inDatabase, message: error.message });
  }
  return table.done(names);
}
