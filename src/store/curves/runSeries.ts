import { dirname, relative, sep } from "node:path";
import type { LoggedSeries } from "../../core/curve/curveFormat.ts";
import type { Issue } from "../../core/rollout/issue.ts";
import type { CurveSeries } from "../../protocol/store.ts";
import type { OpenRoot } from "../openRoot.ts";
import type { CurveFile } from "./curveFile.ts";

/** A series with its run. */
export interface RunSeries extends CurveSeries {
  /** What is wrong with it: the damage of its files, where points may be missing, and its own. */
  readonly issues: readonly Issue[];
}

interface OpenSeries {
  readonly file: CurveFile;
  readonly folder: string;
  readonly run: string | null;
  readonly runId: string | null;
  readonly name: string;
  /** In the order of their files. */
  readonly parts: { readonly file: CurveFile; readonly series: LoggedSeries }[];
}

/**
 * The series of a root's curve files with their runs. A run that the file names comes first; else the curves belong to
 * the root's only run of rollouts, or, where there is none or several, to the folder they lie in, named from the root.
 * Where a folder is a run by its format (TensorBoard), series of one name from several folders are told apart so too.
 */
export function runSeries(
  { root, candidates, runs }: Pick<OpenRoot, "root" | "candidates" | "runs">,
  files: readonly CurveFile[],
): readonly RunSeries[] {
  const open = openSeries(newestSnapshots(files));
  const base = candidates.isFolder ? root : dirname(root);
  const only = runs.length === 1 ? runs[0]!.run : null;
  const named = namesOf(open);
  const folders = new Map<string, number>();
  for (const { name } of open.filter(isRunFolder)) folders.set(name, (folders.get(name) ?? 0) + 1);
  const runOf = (series: OpenSeries): string => {
    const { run, name, folder } = series;
    if (run !== null) return named(series, run);
    if (only !== null && !(isRunFolder(series) && folders.get(name)! > 1)) return only;
    const below = relative(base, folder).replaceAll(sep, "/");
    return below === "" || below.startsWith("..") ? (only ?? root) : below;
  };
  return open.map((series) => join(series, runOf(series)));
}

/** The folder, or the one above it, is the run. */
function isRunFolder({ run, file }: OpenSeries): boolean {
  return run === null && (file.format?.continues === true || file.content.snapshot !== undefined);
}

/** Of files that each hold all of one run (the trainer states of its checkpoints), the one that goes farthest. */
function newestSnapshots(files: readonly CurveFile[]): readonly CurveFile[] {
  const newest = new Map<string, CurveFile>();
  const keyOf = (file: CurveFile): string => JSON.stringify([file.format?.id, folderOf(file)]);
  for (const file of files) {
    const { snapshot } = file.content;
    const before = newest.get(keyOf(file))?.content.snapshot;
    if (snapshot !== undefined && (before === undefined || snapshot.step >= before.step))
      newest.set(keyOf(file), file);
  }
  return files.filter((file) => file.content.snapshot === undefined || newest.get(keyOf(file)) === file);
}

/** The folder of the run that a file belongs to. */
function folderOf({ path, content }: CurveFile): string {
  const folder = dirname(path);
  return content.snapshot?.folder === ".." ? dirname(folder) : folder;
}

/** Series in the order of their files; those of files that continue each other are one. */
function openSeries(files: readonly CurveFile[]): readonly OpenSeries[] {
  const open = new Map<string, OpenSeries>();
  for (const file of files) {
    const folder = folderOf(file);
    for (const series of file.content.series) {
      const { run, runId, name } = series;
      const continued = runId === null ? ["folder", folder] : ["run", runId];
      const place = file.format?.continues === true ? [...continued, file.format.id] : [file.path];
      const key = JSON.stringify([place, run, runId, name]);
      const before = open.get(key);
      if (before === undefined) open.set(key, { file, folder, run, runId, name, parts: [{ file, series }] });
      else before.parts.push({ file, series });
    }
  }
  return [...open.values()];
}

/** Names of runs: where one format has the same name for runs of different ids, the id stands behind it. */
function namesOf(open: readonly OpenSeries[]): (series: OpenSeries, run: string) => string {
  const ids = new Map<string, Set<string | null>>();
  const keyOf = ({ file, run }: OpenSeries): string => JSON.stringify([file.format?.id, run]);
  for (const series of open) {
    const all = ids.get(keyOf(series)) ?? new Set();
    ids.set(keyOf(series), all.add(series.runId));
  }
  return (series, run) =>
    series.runId !== null && ids.get(keyOf(series))!.size > 1 ? `${run} (${series.runId})` : run;
}

function join({ file, name, parts }: OpenSeries, run: string): RunSeries {
  const all = parts.map(({ series }) => series);
  const isTimed = all.some(({ wallTimes }) => wallTimes !== null);
  const timesOf = ({ wallTimes, steps }: LoggedSeries): Float64Array =>
    wallTimes ?? new Float64Array(steps.length).fill(NaN);
  return {
    file: file.path,
    run,
    name,
    steps: concatenate(all.map(({ steps }) => steps)),
    values: concatenate(all.map(({ values }) => values)),
    wallTimes: isTimed ? concatenate(all.map(timesOf)) : null,
    issues: parts.flatMap((part) => [...part.file.content.issues, ...part.series.issues]),
  };
}

function concatenate(columns: readonly Float64Array[]): Float64Array {
  if (columns.length === 1) return columns[0]!;
  const out = new Float64Array(columns.reduce((length, column) => length + column.length, 0));
  let at = 0;
  for (const column of columns) {
    out.set(column, at);
    at += column.length;
  }
  return out;
}
