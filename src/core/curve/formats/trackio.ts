import type { CurveFormat } from "../curveFormat.ts";
import { databaseNames, isDatabase } from "../databaseCurves.ts";
import { isTrackio, isTrackioFolder, readTrackioDatabase } from "../trackio/database.ts";
import { isTrackioExport, readTrackioExport } from "../trackio/parquetExport.ts";

const parquet = ".parquet";

/** Trackio's database and its export. Tables, traces and images are no metrics. */
export const trackio: CurveFormat<"trackio"> = {
  id: "trackio",
  label: "Trackio",
  doc: "A project with all its runs: its SQLite database (`<project>.db`), what is in the write-ahead log included, or its Parquet export.",
  written: "Trackio (main at 2a027522, 2026-08-21) and databases without run ids before",
  lacks: "system metrics, tables, traces",
  ...databaseNames,
  extensions: [...databaseNames.extensions, parquet],
  hasName: (name) => databaseNames.hasName(name) || name.toLowerCase().endsWith(parquet),
  continues: false,
  sniff({ path, bytes, tables, columns }) {
    if (columns !== null) return isTrackioExport(columns);
    return tables === null ? isDatabase(bytes) && isTrackioFolder(path) : isTrackio(tables, path);
  },
  read: async (source, file, options) =>
    isDatabase(await source.read(0, 16))
      ? readTrackioDatabase(source, file, options)
      : readTrackioExport(source, options),
};
