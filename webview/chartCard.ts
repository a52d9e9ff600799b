import type { CurveMarks } from "../src/protocol/webview.ts";
import { CardHead } from "./cardHead.ts";
import { CurveChart } from "./charts/curveChart.ts";
import type { Palette } from "./charts/palette.ts";
import type { ChartModel } from "./chartModel.ts";
import type { ChartLine, ChartView } from "./curve.ts";
import type { CurveStore } from "./curveStore.ts";
import { element } from "./element.ts";
import { readGestures } from "./gestures.ts";
import { Overlay } from "./overlay.ts";
import { fillReadout, lastOfLines, readingText, readLines } from "./readout.ts";
import type { StepAxis } from "./stepAxis.ts";
import { nearestStep, nextStep, readKeys } from "./stepKeys.ts";

/** What a chart asks of the panel: all of it concerns every chart. */
export interface CardActions {
  /** The crosshair of all charts; null takes it away. */
  hover(step: number | null): void;
  /** The crosshair, set by a key in this chart; it stays and is read out. */
  point(card: ChartCard, step: number): void;
  choose(step: number): void;
  clear(): void;
  readonly view: ChartView;
  readonly axis: StepAxis;
  readonly cursor: number | null;
}

/** A metric's chart with its head. The canvas exists while the card is in view. */
export class ChartCard {
  readonly element: HTMLElement;
  readonly #actions: CardActions;
  readonly #head = new CardHead();
  readonly #readout = element("table", { class: "readout" });
  readonly #plot = element("div", { class: "plot" });
  #model: ChartModel;
  #lines: readonly ChartLine[] = [];
  #chart: CurveChart | null = null;
  #overlay: Overlay | null = null;
  /** What the table says, so that it is not built anew in every frame. */
  #said = "";

  constructor(model: ChartModel, actions: CardActions) {
    this.#model = model;
    this.#actions = actions;
    this.element = element(
      "article",
      { class: "card", tabindex: "0", role: "group" },
      this.#head.element,
      this.#readout,
      this.#plot,
    );
    this.element.setAttribute("aria-roledescription", "chart");
    this.#readPointer();
    this.#readKeys();
    this.set(model);
  }

  get model(): ChartModel {
    return this.#model;
  }

  /** In the window, not only near it. */
  get isOnScreen(): boolean {
    const { top, bottom } = this.element.getBoundingClientRect();
    return bottom > 0 && top < window.innerHeight;
  }

  set(model: ChartModel): void {
    this.#model = model;
    this.#head.name(model);
    this.element.dataset["name"] = model.name;
  }

  /** Draws what is here of the lines; returns true when there was something to draw. */
  draw(store: CurveStore, palette: Palette, marks: CurveMarks): boolean {
    this.#open();
    this.#lines = this.#model.lines.flatMap(({ head, ...style }) => {
      const curve = store.get(head);
      return curve === null ? [] : [{ ...style, curve }];
    });
    this.#chart!.draw(this.#lines, this.#actions.view, palette);
    const described = this.#head.describe(this.#lines, this.#actions.view.isLog);
    this.element.ariaLabel = `${this.#model.name}, ${described}`;
    this.mark(marks);
    this.point(this.#actions.cursor);
    return this.#lines.length > 0;
  }

  mark(marks: CurveMarks): void {
    this.#overlay?.mark(marks);
  }

  point(step: number | null): void {
    const { smoothing } = this.#actions.view;
    if (step === null) this.#overlay?.point(null, []);
    const said = JSON.stringify([
      step,
      smoothing,
      this.#lines.map(({ curve, label }) => [label, curve.head.stamp]),
    ]);
    if (step === null && said === this.#said) return;
    const isFree = step === null || this.#lines.length === 0;
    const readings = isFree ? lastOfLines(this.#lines, smoothing) : readLines(this.#lines, step, smoothing);
    if (said !== this.#said) fillReadout(this.#readout, step, readings);
    this.#said = said;
    if (step !== null) this.#overlay?.point(step, readings);
  }

  /** The values at a step in words. */
  say(step: number): string {
    const readings = readLines(this.#lines, step, this.#actions.view.smoothing);
    return [`step ${step}`, ...readings.map((reading) => readingText(reading, step))].join("; ");
  }

  /** Out of view: the canvas is given back. */
  close(): void {
    this.#chart?.destroy();
    this.#chart = null;
    this.#overlay = null;
    this.#plot.replaceChildren();
  }

  #open(): void {
    if (this.#chart !== null) return;
    const canvas = element("canvas", { "aria-hidden": "true" });
    this.#plot.append(canvas);
    this.#chart = new CurveChart(canvas);
    this.#overlay = new Overlay(this.#chart);
    this.#plot.append(this.#overlay.element);
  }

  #readPointer(): void {
    const actions = this.#actions;
    let grabbed: ChartView | null = null;
    readGestures(this.#plot, {
      hover: (x) => this.#with((chart) => actions.hover(nearestStep(this.#lines, chart.stepAt(x)))),
      leave: () => actions.hover(null),
      click: (x) =>
        this.#with((chart) => {
          const step = nearestStep(this.#lines, chart.stepAt(x));
          if (step !== null && x >= chart.area.left) actions.choose(step);
        }),
      doubleClick: () => actions.axis.reset(),
      select: (from, to, done) =>
        this.#with((chart) => {
          this.#overlay?.band(done ? null : { from, to });
          if (done) actions.axis.zoomTo(chart.stepAt(from), chart.stepAt(to));
        }),
      cancelSelect: () => this.#overlay?.band(null),
      grab: () => (grabbed = actions.view),
      drag: (by) =>
        this.#with(({ area }) => {
          const from = grabbed ?? actions.view;
          actions.axis.panFrom(from, (-by / (area.right - area.left || 1)) * (from.high - from.low));
        }),
      zoom: (factor, x) => this.#with((chart) => actions.axis.zoomBy(factor, chart.stepAt(x))),
    });
  }

  #readKeys(): void {
    const actions = this.#actions;
    const to = (step: number | null): void => {
      if (step !== null) actions.point(this, step);
    };
    const here = (): number => actions.cursor ?? (actions.view.low + actions.view.high) / 2;
    readKeys(this.element, {
      // The first key puts the cursor on a point.
      move: (direction) =>
        to(
          actions.cursor === null
            ? nearestStep(this.#lines, here())
            : nextStep(this.#lines, actions.cursor, direction),
        ),
      leap: (direction) =>
        to(nearestStep(this.#lines, here() + (direction * (actions.view.high - actions.view.low)) / 10)),
      end: (which) => to(nearestStep(this.#lines, which === "first" ? -Infinity : Infinity)),
      choose: () => actions.cursor !== null && actions.choose(actions.cursor),
      zoom: (factor) => actions.axis.zoomBy(factor, actions.cursor),
      reset: () => actions.axis.reset(),
      clear: () => actions.clear(),
    });
  }

  #with(act: (chart: CurveChart) => void): void {
    if (this.#chart !== null && this.#lines.length > 0) act(this.#chart);
  }
}
