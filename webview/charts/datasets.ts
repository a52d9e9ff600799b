import type { ChartDataset } from "chart.js";
import { color } from "chart.js/helpers";
import { binWidth, decimate, penUp, type Window } from "../../src/core/curve/decimate.ts";
import { linearRange, logRange, type ValueRange } from "../../src/core/curve/valueRange.ts";
import type { ChartLine, ChartView } from "../curve.ts";
import type { Palette } from "./palette.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}
type Dataset = ChartDataset<"line", Point[]>;

/** Datasets of a chart, and the value axis they need. */
export interface Drawing {
  readonly datasets: Dataset[];
  readonly range: ValueRange;
}

interface Extent {
  low: number;
  high: number;
}

/** What the lines look like in a view: only points that can be seen, the latest attempt of a run strongest. */
export function drawingOf(
  lines: readonly ChartLine[],
  view: ChartView,
  { palette, columns }: { readonly palette: Palette; readonly columns: number },
): Drawing {
  const window = { low: view.low, high: view.high, columns };
  const extent: Extent = { low: Infinity, high: -Infinity };
  const datasets = lines.flatMap((line) => lineDatasets(line, view, { palette, window, extent }));
  const range = (view.isLog ? logRange : linearRange)(
    extent.low <= extent.high ? extent.low : NaN,
    extent.high,
  );
  return {
    datasets: [...datasets, ...lines.flatMap((line) => markDatasets(line, { palette, window, range }))],
    range,
  };
}

interface Frame {
  readonly palette: Palette;
  readonly window: Window;
  readonly extent: Extent;
}

/** Faint raw lines first, then the smoothed ones over them. */
function lineDatasets(line: ChartLine, view: ChartView, { palette, window, extent }: Frame): Dataset[] {
  const { curve } = line;
  const raw = curve.raw(view.isLog);
  const isSmooth = view.smoothing > 0;
  const strong = palette.runs[line.color]!;
  const faint = color(strong)
    .alpha(palette.isHighContrast ? 0.5 : 0.32)
    .rgbString();
  const faintest = color(strong).alpha(0.6).rgbString();
  const datasets: Dataset[] = [];
  for (const [k, attempt] of curve.attempts.entries()) {
    const isLatest = k === curve.attempts.length - 1;
    const rawPoints = pointsOf(curve.steps, raw, decimate(curve.steps, raw, attempt, window), extent);
    const style = { borderWidth: isLatest ? 1.75 : 0.75, borderColor: isLatest ? strong : faintest };
    if (isSmooth) {
      datasets.push(stroke(rawPoints, { borderWidth: isLatest ? 1 : 0.5, borderColor: faint }));
      const smoothed = curve.smoothed(view.smoothing, view.isLog);
      const points = pointsOf(
        curve.steps,
        smoothed,
        decimate(curve.steps, smoothed, attempt, window),
        extent,
      );
      datasets.push(stroke(points, style, line.dash));
    } else datasets.push(stroke(rawPoints, style, line.dash));
    const lonely = alone(rawPoints);
    if (lonely.length > 0) datasets.push(dots(lonely, strong));
  }
  return datasets;
}

/** Triangles on the upper edge where values are NaN or infinite: one for each column of pixels. */
function markDatasets(
  { curve, color: run }: ChartLine,
  {
    palette,
    window,
    range,
  }: { readonly palette: Palette; readonly window: Window; readonly range: ValueRange },
): Dataset[] {
  const width = binWidth({ ...window, columns: window.columns / 6 });
  const seen = new Set<number>();
  const points: Point[] = [];
  for (const i of curve.nonFinite) {
    const x = curve.steps[i]!;
    const bin = Math.floor(x / width);
    if (x < window.low || x > window.high || seen.has(bin)) continue;
    seen.add(bin);
    points.push({ x, y: range.high });
  }
  if (points.length === 0) return [];
  const mark = { pointStyle: "triangle", pointRotation: 180, pointRadius: 5, clip: 6 } as const;
  return [
    { ...dots(points, palette.runs[run]!), ...mark, pointBorderColor: palette.text, pointBorderWidth: 1 },
  ];
}

function pointsOf(steps: Float64Array, values: Float64Array, picked: Int32Array, extent: Extent): Point[] {
  return Array.from(picked, (i, k) => {
    // The step of a lifted pen is the next point's: Chart.js searches the points by it.
    if (i === penUp) return { x: steps[picked[k + 1]!]!, y: NaN };
    const y = values[i]!;
    if (y < extent.low) extent.low = y;
    if (y > extent.high) extent.high = y;
    return { x: steps[i]!, y };
  });
}

/** Points between two lifted pens, which no line would show. */
function alone(points: readonly Point[]): Point[] {
  const isUp = (k: number): boolean => k < 0 || k >= points.length || Number.isNaN(points[k]!.y);
  return points.filter(({ y }, k) => !Number.isNaN(y) && isUp(k - 1) && isUp(k + 1));
}

function stroke(
  data: Point[],
  style: { readonly borderWidth: number; readonly borderColor: string },
  dash: readonly number[] = [],
): Dataset {
  return { data, ...style, borderDash: [...dash], pointRadius: 0, borderJoinStyle: "round" };
}

function dots(data: Point[], fill: string): Dataset {
  return { data, showLine: false, pointRadius: 2.5, pointBackgroundColor: fill, pointBorderWidth: 0 };
}
