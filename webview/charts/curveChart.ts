import {
  Chart,
  type ChartOptions,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
} from "chart.js";
import { logTicks, tickLabel, type ValueRange } from "../../src/core/curve/valueRange.ts";
import type { ChartLine, ChartView } from "../curve.ts";
import { type Drawing, drawingOf, type Point } from "./datasets.ts";
import type { Palette } from "./palette.ts";

Chart.register(LineController, LineElement, PointElement, LinearScale, LogarithmicScale);

/** Width of the value axis in pixels: the same in every chart, so that steps stand under each other. */
const axisWidth = 54;

/** Few labels of known size: measuring each of them would take half of a frame. */
const quickTicks = { includeBounds: false, autoSkip: false, sampleSize: 1, maxRotation: 0 } as const;

/** Where the lines are drawn, in pixels of the canvas' element. */
export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** One canvas with lines over train steps. It knows nothing of the page around it. */
export class CurveChart {
  readonly #chart: Chart<"line", Point[]>;
  #lines: readonly ChartLine[] = [];
  #view: ChartView = { low: 0, high: 1, smoothing: 0, isLog: false };
  #palette: Palette | null = null;

  constructor(canvas: HTMLCanvasElement) {
    this.#chart = new Chart<"line", Point[]>(canvas, {
      type: "line",
      data: { datasets: [] },
      options: optionsOf(null, this.#view, { low: 0, high: 1 }),
    });
  }

  /** A change of size that the chart noticed by itself has to be followed by what lies over it. */
  onResize(listener: () => void): void {
    this.#chart.options.onResize = listener;
  }

  draw(lines: readonly ChartLine[], view: ChartView, palette: Palette): void {
    this.#lines = lines;
    const isOther = palette !== this.#palette || view.isLog !== this.#view.isLog;
    this.#palette = palette;
    this.#view = view;
    const { datasets, range } = this.#drawing(palette);
    const chart = this.#chart;
    if (isOther) {
      const listener = chart.options.onResize;
      chart.options = optionsOf(palette, view, range);
      if (listener !== undefined) chart.options.onResize = listener;
    } else {
      Object.assign(chart.options.scales!["x"]!, { min: view.low, max: view.high });
      Object.assign(chart.options.scales!["y"]!, { min: range.low, max: range.high });
    }
    chart.data.datasets = datasets;
    chart.update("none");
  }

  get area(): Area {
    return this.#chart.chartArea ?? { left: 0, right: 0, top: 0, bottom: 0 };
  }

  xOf(step: number): number {
    const { left, right } = this.area;
    const { low, high } = this.#view;
    return left + ((step - low) / (high - low || 1)) * (right - left);
  }

  stepAt(x: number): number {
    const { left, right } = this.area;
    const { low, high } = this.#view;
    return low + ((x - left) / (right - left || 1)) * (high - low);
  }

  yOf(value: number): number {
    return this.#chart.scales["y"]?.getPixelForValue(value) ?? NaN;
  }

  destroy(): void {
    this.#chart.destroy();
  }

  #drawing(palette: Palette): Drawing {
    const { left, right } = this.area;
    const columns = Math.max(50, right > left ? right - left : this.#chart.width - axisWidth);
    return drawingOf(this.#lines, this.#view, { palette, columns });
  }
}

function optionsOf(palette: Palette | null, view: ChartView, range: ValueRange): ChartOptions<"line"> {
  const color = palette?.text ?? "#888";
  const font = { size: 11, family: palette?.fontFamily ?? "sans-serif" };
  const grid = { color: palette?.grid ?? "#8884", lineWidth: 0.5, tickLength: 0, drawTicks: false };
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    parsing: false,
    normalized: true,
    events: [],
    layout: { padding: { top: 15, right: 10 } },
    elements: { line: { tension: 0 } },
    scales: {
      x: {
        type: "linear",
        min: view.low,
        max: view.high,
        grid: { display: false, tickLength: 0 },
        border: { color: grid.color },
        ticks: {
          color,
          font,
          ...quickTicks,
          maxTicksLimit: 6,
          padding: 4,
          callback: (value, _, ticks) => labelOf(Number(value), ticks),
        },
      },
      y: {
        type: view.isLog ? "logarithmic" : "linear",
        min: range.low,
        max: range.high,
        grid,
        border: { display: false },
        afterBuildTicks: (scale) => {
          const { min: low, max: high } = scale;
          if (view.isLog) scale.ticks = logTicks({ low, high }).map((value) => ({ value }));
        },
        afterFit: (scale) => {
          scale.width = axisWidth;
        },
        ticks: {
          color,
          font,
          ...quickTicks,
          maxTicksLimit: 5,
          padding: 6,
          callback: (value, _, ticks) => labelOf(Number(value), ticks),
        },
      },
    },
  };
}

function labelOf(value: number, ticks: readonly { readonly value: number }[]): string {
  if (ticks.length < 2) return tickLabel(value, Math.abs(value) || 1);
  // On a logarithmic axis ticks are not evenly far apart: each is told from its own neighbour.
  const i = ticks.findIndex((tick) => tick.value === value);
  const neighbour = ticks[i > 0 ? i - 1 : 1]!.value;
  return tickLabel(value, Math.abs(value - neighbour));
}
