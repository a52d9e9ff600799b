import type { CurveMarks } from "../src/protocol/webview.ts";
import type { CurveChart } from "./charts/curveChart.ts";
import { element } from "./element.ts";
import type { Reading } from "./readout.ts";

/** Pixels a label beside its line takes at most. */
const labelWidth = 80;

/** What lies over a chart: crosshair, chosen step, the trace's step, a range being drawn. Moving it draws no line anew. */
export class Overlay {
  readonly element = element("div", { class: "overlay", "aria-hidden": "true" });
  readonly #crosshair = element("div", { class: "crosshair" });
  readonly #selected = element("div", { class: "step selected" }, element("span"));
  readonly #trace = element("div", { class: "step trace" }, element("span"));
  readonly #band = element("div", { class: "band" });
  readonly #marks = element("div", { class: "marks" });
  readonly #chart: CurveChart;

  constructor(chart: CurveChart) {
    this.#chart = chart;
    this.element.append(this.#band, this.#selected, this.#trace, this.#crosshair, this.#marks);
    for (const part of [this.#crosshair, this.#band]) part.hidden = true;
  }

  /** Lines with labels at the step that is chosen and at the trace's. */
  mark({ selected, trace }: CurveMarks): void {
    const isSame = trace !== null && trace.step === selected;
    const own = isSame ? null : selected;
    this.#place(this.#selected, own, `step ${own}`);
    this.#place(
      this.#trace,
      trace?.step ?? null,
      isSame ? `trace · step ${trace.step}` : `trace ${trace?.step}`,
    );
    if (own === null || trace === null) return;
    // Labels of lines that are close to each other turn away from each other.
    const [left, right] = own < trace.step ? [this.#selected, this.#trace] : [this.#trace, this.#selected];
    const gap = this.#chart.xOf(Math.max(own, trace.step)) - this.#chart.xOf(Math.min(own, trace.step));
    if (gap < labelWidth && !left.hidden && !right.hidden) left.classList.add("flipped");
  }

  /** The crosshair with a mark on every line; null takes it away. */
  point(step: number | null, readings: readonly Reading[]): void {
    this.#place(this.#crosshair, step);
    const { left, right, top, bottom } = this.#chart.area;
    const marks = readings.flatMap(({ line, step: at, raw, smoothed }) => {
      const x = this.#chart.xOf(at);
      const y = this.#chart.yOf(smoothed ?? raw);
      if (step === null || !(y >= top && y <= bottom && x >= left && x <= right)) return [];
      const mark = element("span", { class: `run-${line.color}` }, line.mark);
      mark.style.transform = `translate(${x}px, ${y}px) translate(-50%, -50%)`;
      return [mark];
    });
    this.#marks.replaceChildren(...marks);
  }

  /** A range that is being drawn, in pixels; null takes it away. */
  band(range: { readonly from: number; readonly to: number } | null): void {
    this.#band.hidden = range === null;
    if (range === null) return;
    const { left, right, top, bottom } = this.#chart.area;
    const clamp = (x: number): number => Math.max(left, Math.min(right, x));
    const [from, to] = [clamp(Math.min(range.from, range.to)), clamp(Math.max(range.from, range.to))];
    Object.assign(this.#band.style, {
      left: `${from}px`,
      width: `${to - from}px`,
      top: `${top}px`,
      height: `${bottom - top}px`,
    });
  }

  /** Puts a vertical line at a step; false where it is off the chart. */
  #place(line: HTMLElement, step: number | null, label = ""): boolean {
    const { left, right, top, bottom } = this.#chart.area;
    const x = step === null ? NaN : this.#chart.xOf(step);
    const isShown = x >= left - 0.5 && x <= right + 0.5;
    line.hidden = !isShown;
    if (!isShown) return false;
    Object.assign(line.style, { left: `${x}px`, top: `${top}px`, height: `${bottom - top}px` });
    const text = line.querySelector("span");
    if (text !== null) text.textContent = label;
    line.classList.toggle("flipped", x > right - labelWidth);
    return true;
  }
}
