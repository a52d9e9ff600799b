import type { CurveSeries, Curves, FileIssues } from "../../protocol/store.ts";
import type { OpenRoot } from "../openRoot.ts";
import type { CurveFile } from "./curveFile.ts";
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

/** Damage of a file and of its series, in the order of its bytes. */
export function damageOf({ path, content }: CurveFile): readonly FileIssues[] {
  const ofSeries = content.series.flatMap(({ issues }) => issues);
  const total = content.issueCount + ofSeries.length;
  if (total === 0) return [];
  const issues = [...content.issues, ...ofSeries].sort((a, b) => a.byte - b.byte);
  return [{ file: path, total, issues: issues.slice(0, keptIssues) }];
}

/** Issues of a file that are told. */
const keptIssues = 500;
