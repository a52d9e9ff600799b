import type { ByteSource, FileContext, Nearby } from "../../format/format.ts";
import type { IssueCode } from "../../rollout/issue.ts";
import type { CurveContent, CurveOptions } from "../curveFormat.ts";
import { SeriesTable } from "../seriesTable.ts";
import { metricPoints } from "./metricFile.ts";

/** Longer than what describes a run. */
const mostMetaBytes = 1 << 16;

/** True where this is the description of a run, not of an experiment or a model. */
export function describesRun(meta: Uint8Array): boolean {
  return runIdOf(fieldsOf(meta)) !== null;
}

/**
 * A run of MLflow's file store (mlflow/store/tracking/file_store.py), named by its `meta.yaml`: a file a metric under
 * `metrics`, in folders where the name has slashes. A run that was deleted has no curves.
 */
export async function readRunFolder(
  source: ByteSource,
  { near }: FileContext,
  options: CurveOptions,
): Promise<CurveContent> {
  const table = new SeriesTable(options);
  const fields = fieldsOf(await source.read(0, mostMetaBytes));
  const id = runIdOf(fields);
  if (fields.get("lifecycle_stage") === "deleted") return table.done();
  for await (const path of filesIn(near, metricsFolder)) {
    if (options.signal?.aborted === true) break;
    const report = (code: IssueCode, message: string): void =>
      table.report({ code, ...place, message: `${path}: ${message}.` });
    const file = await near.open(path);
    if (file === null) report("refused", "this file cannot be read");
    else
      for await (const point of metricPoints(file, report))
        table.add(id, path.slice(metricsFolder.length + 1), point, place);
  }
  const tag = await near.open("tags/mlflow.runName");
  const name = tag === null ? "" : new TextDecoder().decode(await tag.read(0, mostMetaBytes)).trim();
  const runName = name || fields.get("run_name") || id;
  return table.done(id === null || runName === null ? new Map() : new Map([[id, runName]]));
}

const metricsFolder = "metrics";

/** Issues stand in the metrics' files, whose names they say: the file that is read here is the run's description. */
const place = { line: 0, byte: 0 } as const;

/** Paths of the files in a folder and those beneath it, in the order of their names. */
async function* filesIn(near: Nearby, folder: string): AsyncGenerator<string> {
  for (const name of await near.list(folder)) {
    const path = `${folder}/${name}`;
    if (path.endsWith("/")) yield* filesIn(near, path.slice(0, -1));
    else yield path;
  }
}

/** Older stores call the id `run_uuid`, newer ones write both. */
function runIdOf(fields: ReadonlyMap<string, string>): string | null {
  return fields.get("run_id") ?? fields.get("run_uuid") ?? null;
}

/** The plain fields of a description; MLflow writes no others that matter. */
function fieldsOf(meta: Uint8Array): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of new TextDecoder().decode(meta).split("\n")) {
    const [, name, value] = /^(\w+): (.*?)\r?$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) fields.set(name, scalarOf(value));
  }
  return fields;
}

/** A YAML scalar on one line: in single quotes, in double quotes, or bare. */
function scalarOf(text: string): string {
  if (/^'.*'$/s.test(text)) return text.slice(1, -1).replaceAll("''", "'");
  if (!/^".*"$/s.test(text)) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    return text.slice(1, -1);
  }
}
