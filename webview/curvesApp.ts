import { nameFilter } from "../src/core/curve/nameFilter.ts";
import { panned, type StepRange, within, zoomed } from "../src/core/curve/stepRange.ts";
import type { CurveMarks, CurvesOverview } from "../src/protocol/webview.ts";
import type { CardActions, ChartCard } from "./chartCard.ts";
import { sectionsOf, wholeRange } from "./chartModel.ts";
import { onThemeChange, readPalette } from "./charts/palette.ts";
import type { ChartView } from "./curve.ts";
import { CurveStore } from "./curveStore.ts";
import { element } from "./element.ts";
import { EmptyState } from "./emptyState.ts";
import { noteFrame } from "./frames.ts";
import { Legend } from "./legend.ts";
import type { Host } from "./page.ts";
import { PanelMemory } from "./panelState.ts";
import { Problems } from "./problems.ts";
import { formatStep } from "./readout.ts";
import { Sections } from "./sections.ts";
import { StatusRow } from "./statusRow.ts";
import { Toolbar } from "./toolbar.ts";

const nothing: CurvesOverview = {
  version: -1,
  roots: [],
  runs: [],
  heads: [],
  issues: [],
  failures: [],
};

/** Milliseconds without movement after which charts beyond the window's edge follow. */
const settleMs = 150;

/** The panel: it holds how the charts are looked at, and draws those in view, once a frame. */
export class CurvesApp implements CardActions {
  readonly #host: Host;
  readonly #memory = new PanelMemory();
  readonly #store: CurveStore;
  readonly #toolbar: Toolbar;
  readonly #status: StatusRow;
  readonly #legend: Legend;
  readonly #problems = new Problems();
  readonly #empty: EmptyState;
  readonly #sections: Sections;
  readonly #live = element("div", { class: "live", "aria-live": "polite" });
  #overview = nothing;
  #whole: StepRange = { low: 0, high: 1 };
  #palette = readPalette();
  #marks: CurveMarks = { selected: null, trace: null };
  #hovered: number | null = null;
  #frame: "none" | "overlay" | "lines" = "none";
  #isMoving = false;
  #settling = 0;
  #isPainted = false;

  constructor(host: Host) {
    const { state } = this.#memory;
    this.#host = host;
    this.#store = new CurveStore(host, () => this.#schedule("lines"));
    this.#toolbar = new Toolbar(state, {
      filter: (filter) => this.#change({ filter }),
      smooth: (smoothing) => this.#change({ smoothing }),
      log: (isLog) => this.#change({ isLog }),
      reset: () => this.reset(),
    });
    this.#status = new StatusRow({
      choose: (step) => this.choose(step),
      clear: () => this.#attempt(host.api.clear()),
    });
    this.#legend = new Legend((run, shown) => this.#toggleRun(run, shown));
    this.#empty = new EmptyState(() => this.#attempt(host.api.openFolder()));
    this.#sections = new Sections({
      actions: this,
      onEnter: () => this.#schedule("lines"),
      onToggle: (title, closed) => this.#toggleSection(title, closed),
    });
  }

  /** Puts the panel on the page and begins to ask for curves. */
  start(): void {
    const top = element(
      "div",
      { class: "top" },
      this.#toolbar.element,
      this.#legend.element,
      this.#status.element,
    );
    document.body.append(
      top,
      this.#problems.element,
      this.#empty.element,
      this.#sections.element,
      this.#live,
    );
    this.#host.on("changed", () => this.#attempt(this.#load()));
    this.#host.on("marks", (marks) => this.#mark(marks));
    onThemeChange(() => {
      this.#palette = readPalette();
      this.#schedule("lines");
    });
    window.addEventListener("scroll", () => this.#memory.update({ scroll: window.scrollY }), {
      passive: true,
    });
    window.addEventListener("resize", () => this.#schedule("lines"));
    this.#attempt(this.#begin());
  }

  get view(): ChartView {
    const { zoom, smoothing, isLog } = this.#memory.state;
    return { ...((zoom && within(zoom, this.#whole)) ?? this.#whole), smoothing, isLog };
  }

  get cursor(): number | null {
    return this.#hovered ?? this.#memory.state.point?.step ?? null;
  }

  hover(step: number | null): void {
    if (step === this.#hovered) return;
    this.#hovered = step;
    this.#schedule("overlay");
  }

  point(card: ChartCard, step: number): void {
    this.#hovered = null;
    this.#memory.update({ point: { chart: card.model.key, step } });
    const { low, high } = this.view;
    if (step < low || step > high) {
      const by = step < low ? step - low : step - high;
      this.#zoom(panned({ low, high }, this.#whole, by));
    }
    this.#schedule("overlay");
    this.#say(card.say(step));
  }

  choose(step: number): void {
    this.#attempt(this.#choose(step));
  }

  zoomTo(low: number, high: number): void {
    const range = within({ low, high }, this.#whole);
    if (range !== null) this.#zoom(range);
  }

  zoomBy(factor: number, around: number | null): void {
    const { low, high } = this.view;
    const middle = around === null || around < low || around > high ? (low + high) / 2 : around;
    this.#zoom(zoomed({ low, high }, this.#whole, { factor, around: middle }));
  }

  panFrom(from: ChartView, by: number): void {
    this.#zoom(panned(from, this.#whole, by));
  }

  reset(): void {
    this.#zoom(null);
  }

  clear(): void {
    this.#hovered = null;
    if (this.#memory.state.point !== null) this.#memory.update({ point: null });
    else if (this.#marks.selected !== null) this.#attempt(this.#host.api.clear());
    this.#status.answer(null);
    this.#schedule("overlay");
  }

  async #begin(): Promise<void> {
    const { scroll } = this.#memory.state;
    this.#mark(await this.#host.api.marks());
    await this.#load();
    window.scrollTo(0, scroll);
  }

  async #load(): Promise<void> {
    const overview = await this.#host.api.overview();
    // Two readings may answer in another order than they were asked for.
    if (overview.version < this.#overview.version) return;
    this.#overview = overview;
    this.#store.renew(overview);
    this.#problems.show(overview);
    this.#empty.show(overview);
    this.#show();
  }

  #change(change: Parameters<PanelMemory["update"]>[0]): void {
    this.#memory.update(change);
    this.#filter();
    this.#schedule("lines");
  }

  #toggleRun(run: string, shown: boolean): void {
    const hidden = this.#memory.state.hidden.filter((key) => key !== run);
    this.#memory.update({ hidden: shown ? hidden : [...hidden, run] });
    this.#show();
  }

  #toggleSection(title: string, closed: boolean): void {
    const others = this.#memory.state.closed.filter((other) => other !== title);
    this.#memory.update({ closed: closed ? [...others, title] : others });
  }

  /** Shows the charts of what is switched on. */
  #show(): void {
    const hidden = new Set(this.#memory.state.hidden);
    this.#whole = wholeRange(this.#overview, hidden);
    this.#legend.show(this.#overview.runs, hidden);
    this.#sections.show(sectionsOf(this.#overview, hidden), this.#memory.state.closed);
    document.body.classList.toggle("bare", this.#overview.heads.length === 0);
    this.#filter();
    this.#schedule("lines");
  }

  #filter(): void {
    const filter = nameFilter(this.#memory.state.filter);
    this.#toolbar.problem = filter.ok ? "" : filter.message;
    if (filter.ok) this.#sections.filter(filter.matches);
  }

  #zoom(zoom: StepRange | null): void {
    const range = zoom && { low: zoom.low, high: zoom.high };
    this.#memory.update({ zoom: range });
    this.#isMoving = true;
    this.#schedule("lines");
  }

  #mark(marks: CurveMarks): void {
    this.#marks = marks;
    this.#status.mark(marks);
    this.#schedule("overlay");
  }

  async #choose(step: number): Promise<void> {
    const choice = await this.#host.api.choose(step);
    this.#status.answer(choice);
    this.#say(
      choice.shown ? `Step ${step}: its rollouts are shown` : `No rollouts were logged at step ${step}`,
    );
  }

  /** What fails on the other side is said on the page; nothing waits for it. */
  #attempt(what: Promise<unknown>): void {
    what.catch((error: unknown) => {
      this.#problems.tell(error instanceof Error ? error.message.split("\n")[0]! : String(error));
    });
  }

  #say(text: string): void {
    this.#live.textContent = text;
  }

  /** Whatever happens, everything is drawn once in the next frame. */
  #schedule(what: "overlay" | "lines"): void {
    if (this.#frame === "none") requestAnimationFrame(() => this.#draw());
    if (this.#frame !== "lines") this.#frame = what;
  }

  #draw(): void {
    const what = this.#frame;
    const isMoving = this.#isMoving;
    this.#frame = "none";
    this.#isMoving = false;
    const started = performance.now();
    // While all charts move, those beyond the window's edge wait. Places are asked for before anything is changed: in
    // between, each answer would cost a layout.
    const cards = [...this.#sections.visible].filter((card) => !isMoving || card.isOnScreen);
    for (const card of cards) {
      if (what === "overlay") {
        card.mark(this.#marks);
        card.point(this.cursor);
      } else if (card.draw(this.#store, this.#palette, this.#marks)) this.#painted();
    }
    if (what === "lines") this.#summarise();
    if (!isMoving) return;
    noteFrame(performance.now() - started);
    window.clearTimeout(this.#settling);
    this.#settling = window.setTimeout(() => this.#settle(), settleMs);
  }

  #settle(): void {
    this.#schedule("lines");
    this.#say(this.#status.summary);
  }

  #painted(): void {
    if (this.#isPainted) return;
    this.#isPainted = true;
    performance.mark("curves:firstPaint");
  }

  #summarise(): void {
    const { low, high } = this.view;
    const { all, shown } = this.#sections.counts;
    const metrics = shown === all ? `${all} metrics` : `${shown} of ${all} metrics`;
    this.#status.summary = `Steps ${formatStep(Math.round(low * 100) / 100)} to ${formatStep(Math.round(high * 100) / 100)} · ${metrics}`;
    this.#toolbar.isZoomed = this.#memory.state.zoom !== null;
  }
}
