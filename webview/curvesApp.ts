import { nameFilter } from "../src/core/curve/nameFilter.ts";
import type { CurveMarks, CurvesOverview } from "../src/protocol/webview.ts";
import type { CardActions, ChartCard } from "./chartCard.ts";
import { sectionsOf, wholeRange } from "./chartModel.ts";
import { onThemeChange, readPalette } from "./charts/palette.ts";
import type { ChartView } from "./curve.ts";
import { CurveStore } from "./curveStore.ts";
import { element } from "./element.ts";
import { EmptyState } from "./emptyState.ts";
import { type Extent, FrameLoop } from "./frameLoop.ts";
import { Legend } from "./legend.ts";
import type { CurvesHost } from "./curvesHost.ts";
import { PanelMemory } from "./panelState.ts";
import { Problems } from "./problems.ts";
import { formatStep } from "./readout.ts";
import { Sections } from "./sections.ts";
import { StepAxis } from "./stepAxis.ts";
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

/** The panel: it holds how the charts are looked at, and draws those in view. */
export class CurvesApp implements CardActions {
  readonly #host: CurvesHost;
  readonly #memory = new PanelMemory();
  readonly #frames = new FrameLoop({
    draw: (extent, isMoving) => this.#draw(extent, isMoving),
    settle: () => this.#say(this.#status.summary),
  });
  readonly axis = new StepAxis(this.#memory, () => this.#frames.move());
  readonly #store: CurveStore;
  readonly #toolbar: Toolbar;
  readonly #status: StatusRow;
  readonly #legend: Legend;
  readonly #problems = new Problems();
  readonly #empty: EmptyState;
  readonly #sections: Sections;
  readonly #live = element("div", { class: "live", "aria-live": "polite" });
  #overview = nothing;
  #palette = readPalette();
  #marks: CurveMarks = { selected: null, trace: null };
  #hovered: number | null = null;
  #isPainted = false;

  constructor(host: CurvesHost) {
    const { state } = this.#memory;
    this.#host = host;
    this.#store = new CurveStore(host, () => this.#frames.schedule("lines"));
    this.#toolbar = new Toolbar(state, {
      filter: (filter) => this.#change({ filter }),
      smooth: (smoothing) => this.#change({ smoothing }),
      log: (isLog) => this.#change({ isLog }),
      reset: () => this.axis.reset(),
    });
    this.#status = new StatusRow({
      choose: (step) => this.choose(step),
      clear: () => this.#attempt(host.api.clear()),
    });
    this.#legend = new Legend((run, shown) => this.#toggleRun(run, shown));
    this.#empty = new EmptyState(() => this.#attempt(host.api.openFolder()));
    this.#sections = new Sections({
      actions: this,
      onEnter: () => this.#frames.schedule("lines"),
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
      this.#frames.schedule("lines");
    });
    window.addEventListener("scroll", () => this.#memory.update({ scroll: window.scrollY }), {
      passive: true,
    });
    window.addEventListener("resize", () => this.#frames.schedule("lines"));
    this.#attempt(this.#begin());
  }

  get view(): ChartView {
    const { smoothing, isLog } = this.#memory.state;
    return { ...this.axis.range, smoothing, isLog };
  }

  get cursor(): number | null {
    return this.#hovered ?? this.#memory.state.point?.step ?? null;
  }

  hover(step: number | null): void {
    if (step === this.#hovered) return;
    this.#hovered = step;
    this.#frames.schedule("overlay");
  }

  point(card: ChartCard, step: number): void {
    this.#hovered = null;
    this.#memory.update({ point: { chart: card.model.key, step } });
    this.axis.include(step);
    this.#frames.schedule("overlay");
    this.#say(card.say(step));
  }

  choose(step: number): void {
    this.#attempt(this.#choose(step));
  }

  clear(): void {
    this.#hovered = null;
    if (this.#memory.state.point !== null) this.#memory.update({ point: null });
    else if (this.#marks.selected !== null) this.#attempt(this.#host.api.clear());
    this.#status.answer(null);
    this.#frames.schedule("overlay");
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
    this.#frames.schedule("lines");
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
    this.axis.whole = wholeRange(this.#overview, hidden);
    this.#legend.show(this.#overview.runs, hidden);
    this.#sections.show(sectionsOf(this.#overview, hidden), this.#memory.state.closed);
    document.body.classList.toggle("bare", this.#overview.heads.length === 0);
    this.#filter();
    this.#frames.schedule("lines");
  }

  #filter(): void {
    const filter = nameFilter(this.#memory.state.filter);
    this.#toolbar.problem = filter.ok ? "" : filter.message;
    if (filter.ok) this.#sections.filter(filter.matches);
  }

  #mark(marks: CurveMarks): void {
    this.#marks = marks;
    this.#status.mark(marks);
    this.#frames.schedule("overlay");
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

  #draw(extent: Extent, isMoving: boolean): void {
    // Places are asked for before anything is changed: in between, each answer would cost a layout.
    const cards = [...this.#sections.visible].filter((card) => !isMoving || card.isOnScreen);
    for (const card of cards) {
      if (extent === "overlay") {
        card.mark(this.#marks);
        card.point(this.cursor);
      } else if (card.draw(this.#store, this.#palette, this.#marks)) this.#painted();
    }
    if (extent === "lines") this.#summarise();
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
    const text = (step: number): string => formatStep(Math.round(step * 100) / 100);
    this.#status.summary = `Steps ${text(low)} to ${text(high)} · ${metrics}`;
    this.#toolbar.isZoomed = this.axis.isZoomed;
  }
}
