import type { CurveFormat } from "../curveFormat.ts";
import { databaseNames, isDatabase } from "../databaseCurves.ts";
import { isMlflow, readMlflowDatabase } from "../mlflow/database.ts";
import { describesRun, readRunFolder } from "../mlflow/runFolder.ts";

const description = "meta.yaml";
/** MLflow's own name, and the one that verl gives it. */
const usualNames: readonly string[] = ["mlflow.db", "mlruns.db"];

/** MLflow's two local stores: `mlruns/<experiment>/<run>/…`, named by the run's `meta.yaml`, and a SQLite database. */
export const mlflow: CurveFormat<"mlflow"> = {
  id: "mlflow",
  label: "MLflow",
  doc: "Run folders of the file store (`mlruns/<experiment>/<run>/meta.yaml`) and the SQLite store (`mlflow.db`), which holds several runs; deleted runs are left out.",
  written: "MLflow 2 and 3 (schema at 003ab1af)",
  lacks: "metrics of logged models, traces",
  ...databaseNames,
  alsoFollows: [...databaseNames.alsoFollows, description, "metrics/**"],
  hasName: (name) => name === description || databaseNames.hasName(name),
  isFolder: (name) => name === description,
  continues: false,
  sniff({ path, bytes, tables }) {
    if (tables !== null) return isMlflow(tables);
    const name = path.replace(/^.*\//, "");
    // A database that cannot be read is known by its name alone, so that its damage is said.
    if (isDatabase(bytes)) return usualNames.includes(name);
    return name === description && describesRun(bytes);
  },
  read: async (source, file, options) =>
    isDatabase(await source.read(0, 16))
      ? readMlflowDatabase(source, file, options)
      : readRunFolder(source, file, options),
};
