import type { CurveSeries, Curves, FileIssues } from "../../protocol/store.ts";
import type { OpenRoot } from "../openRoot.ts";
import { type CurveFile, issuesOf } from "./curveFile.ts";
import { type CurveFiles, discoverCurves } from "./discoverCurves.ts";
import { runSeries } from "./runSeries.ts";

/** Curves of the opened roots; a file is read again only when it has changed. */
export class CurveStore {
  readonly #roots = new Map<string, CurveFiles>();

  async curves(opened: OpenRoot, signal: AbortSignal): Promise<Curves> {
    const { root } = opened;
    const found = await discoverCurves(opened, { before: this.#roots.get(root) ?? null, signal });
    this.#roots.set(root, found);
    const series = runSeries(opened, found.files).map(
      ({ file, run, name, steps, values, wallTimes }): CurveSeries => ({
        file,
        run,
        name,
        steps,
        values,
        wallTimes,
      }),
    );
    return { series, issues: [...found.refused, ...found.files.flatMap(damageOf)] };
  }

  /** Drops what is kept of a root. */
  forget(root: string): void {
    this.#roots.delete(root);
  }
}

/** Issues of a file that are told. */
const keptIssues = 500;

/** What is wrong with a file, at most 500 of it; empty where nothing is. */
export function damageOf(file: CurveFile): readonly FileIssues[] {
  const issues = issuesOf(file);
  const total = file.content.issueCount - file.content.issues.length + issues.length;
  return total === 0 ? [] : [{ file: file.path, total, issues: issues.slice(0, keptIssues) }];
}
