import { metricGroup, nameInGroup, overviewOf } from "../src/core/curve/metricGroup.ts";
import type { StepRange } from "../src/core/curve/stepRange.ts";
import type { CurveHead, CurvesOverview } from "../src/protocol/webview.ts";
import { lineStyle } from "./charts/lineStyle.ts";
import type { ChartLine } from "./curve.ts";

/** A line of a chart, whether its points are here or not. */
export interface LineModel extends Omit<ChartLine, "curve"> {
  readonly head: CurveHead;
}

/** One chart: a metric over all runs that are switched on. */
export interface ChartModel {
  /** Unlike every other chart's; the overview shows some metrics a second time. */
  readonly key: string;
  readonly name: string;
  readonly title: string;
  readonly lines: readonly LineModel[];
}

export interface SectionModel {
  readonly title: string;
  readonly charts: readonly ChartModel[];
}

/** Title of the section with what one looks at first. */
const overviewTitle = "Overview";

/**
 * The charts of an overview, in sections: what one looks at first, then all by the prefix of their names, in the order
 * of the log. A run keeps its colour when others are switched off.
 */
export function sectionsOf(overview: CurvesOverview, hidden: ReadonlySet<string>): readonly SectionModel[] {
  const lines = new Map<string, LineModel[]>();
  const places = new Map(overview.runs.map(({ key }, i) => [key, i]));
  const labels = new Map(overview.runs.map(({ key, label }) => [key, label]));
  for (const head of overview.heads) {
    if (hidden.has(head.run)) continue;
    const all = lines.get(head.name) ?? [];
    const variant = all.filter((line) => line.head.run === head.run).length;
    const label = labels.get(head.run) ?? head.run;
    const full = variant === 0 ? label : `${label} (${fileName(head.files[0] ?? "")})`;
    all.push({ head, label: full, ...lineStyle(places.get(head.run) ?? 0, variant) });
    lines.set(head.name, all);
  }
  // The only line of the only run needs no name.
  const named = (all: readonly LineModel[]): readonly LineModel[] =>
    overview.runs.length === 1 && all.length === 1 ? all.map((line) => ({ ...line, label: "" })) : all;
  const chart = (section: string, name: string): ChartModel => ({
    key: JSON.stringify([section, name]),
    name,
    title: section === overviewTitle ? name : nameInGroup(name),
    lines: named(lines.get(name)!),
  });
  const names = [...lines.keys()];
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const group = metricGroup(name);
    groups.set(group, [...(groups.get(group) ?? []), name]);
  }
  const first = overviewOf(names);
  return [
    ...(first.length > 0
      ? [{ title: overviewTitle, charts: first.map((name) => chart(overviewTitle, name)) }]
      : []),
    ...Array.from(groups, ([group, members]) => ({
      // A prefix of the log may bear the overview's name.
      title: group === overviewTitle ? `${group}/` : group,
      charts: members.map((name) => chart(group === overviewTitle ? `${group}/` : group, name)),
    })),
  ];
}

/** Lowest and highest step of all curves of the runs that are switched on; 0 to 1 where there is none. */
export function wholeRange(overview: CurvesOverview, hidden: ReadonlySet<string>): StepRange {
  const heads = overview.heads.filter(({ run }) => !hidden.has(run));
  const low = heads.reduce((least, head) => Math.min(least, head.low), Infinity);
  const high = heads.reduce((most, head) => Math.max(most, head.high), -Infinity);
  if (!(low <= high)) return { low: 0, high: 1 };
  return low === high ? { low: low - 0.5, high: high + 0.5 } : { low, high };
}

/** Last part of a path. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}
