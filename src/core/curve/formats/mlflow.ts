import { looksBinary } from "../../format/sniff.ts";
import type { CurveFormat } from "../curveFormat.ts";
import { databaseNames } from "../databaseCurves.ts";
import { isMlflow, readMlflowDatabase } from "../mlflow/database.ts";
import { describesRun, readRunFolder } from "../mlflow/runFolder.ts";

const description = "meta.yaml";

/** MLflow's two local stores: `mlruns/<experiment>/<run>/…`, named by the run's `meta.yaml`, and a SQLite database. */
export const mlflow: CurveFormat<"mlflow"> = {
  id: "mlflow",
  label: "MLflow",
  doc: "Run folders of the file store (`mlruns/<experiment>/<run>/meta.yaml`) and the SQLite store (`mlflow.db`), which holds several runs; deleted runs are left out.",
  written: "MLflow 2 and 3 (schema at 003ab1af)",
  lacks: "metrics of logged models, system metrics that were never stored",
  extensions: databaseNames.extensions,
  hasName: (name) => name === description || databaseNames.hasName(name),
  isFolder: (name) => name === description,
  continues: false,
  sniff: ({ path, bytes, tables }) =>
    tables === null
      ? path.replace(/^.*\//, "") === description && !looksBinary(bytes) && describesRun(bytes)
      : isMlflow(tables),
  read: async (source, file, options) =>
    looksBinary(await source.read(0, 1024))
      ? readMlflowDatabase(source, file, options)
      : readRunFolder(source, file, options),
};
