import { type CardActions, ChartCard } from "./chartCard.ts";
import type { SectionModel } from "./chartModel.ts";
import { element } from "./element.ts";

interface Section {
  readonly element: HTMLElement;
  readonly grid: HTMLElement;
  readonly count: HTMLElement;
  readonly toggle: HTMLElement;
  title: string;
}

export interface SectionsOptions {
  readonly actions: CardActions;
  /** Cards came into view and have to be drawn. */
  readonly onEnter: (cards: readonly ChartCard[]) => void;
  readonly onToggle: (title: string, closed: boolean) => void;
}

/** The grid of charts in sections that close. Cards are kept from one overview to the next: nobody is moved. */
export class Sections {
  readonly element = element("main");
  readonly #options: SectionsOptions;
  readonly #sections = new Map<string, Section>();
  readonly #cards = new Map<string, ChartCard>();
  readonly #byElement = new Map<Element, ChartCard>();
  readonly #visible = new Set<ChartCard>();
  readonly #observer: IntersectionObserver;

  constructor(options: SectionsOptions) {
    this.#options = options;
    // Some charts above and below the window are drawn too, so that slow scrolling shows none empty.
    this.#observer = new IntersectionObserver((entries) => this.#follow(entries), {
      rootMargin: "200px 0px",
    });
  }

  /** Cards that are in view, or nearly. */
  get visible(): Iterable<ChartCard> {
    return this.#visible;
  }

  /** Metrics that are there, and those that the filter leaves; one that the overview repeats counts once. */
  get counts(): { readonly all: number; readonly shown: number } {
    const cards = [...this.#cards.values()];
    const count = (some: readonly ChartCard[]): number => new Set(some.map(({ model }) => model.name)).size;
    return { all: count(cards), shown: count(cards.filter(({ element: { hidden } }) => hidden !== true)) };
  }

  show(models: readonly SectionModel[], closed: readonly string[]): void {
    const sections = models.map((model) => this.#section(model, closed.includes(model.title)));
    const kept = new Set(models.flatMap(({ charts }) => charts.map(({ key }) => key)));
    for (const [key, card] of this.#cards) if (!kept.has(key)) this.#remove(key, card);
    for (const [title] of this.#sections)
      if (!models.some((model) => model.title === title)) this.#sections.delete(title);
    place(this.element, sections);
  }

  /** Hides what a filter leaves out; sections without charts go too. */
  filter(matches: (name: string) => boolean): void {
    for (const card of this.#cards.values()) card.element.hidden = !matches(card.model.name);
    for (const { element: whole, grid, count } of this.#sections.values()) {
      const cards = [...grid.children] as HTMLElement[];
      const shown = cards.filter(({ hidden }) => !hidden).length;
      count.textContent = shown === cards.length ? String(shown) : `${shown} of ${cards.length}`;
      whole.hidden = shown === 0;
    }
  }

  #section({ title, charts }: SectionModel, isClosed: boolean): HTMLElement {
    let section = this.#sections.get(title);
    if (section === undefined) {
      section = this.#make(title);
      this.#sections.set(title, section);
      this.#close(section, isClosed);
    }
    const cards = charts.map((model) => {
      const card = this.#cards.get(model.key) ?? new ChartCard(model, this.#options.actions);
      if (this.#cards.has(model.key)) card.set(model);
      else {
        this.#cards.set(model.key, card);
        this.#byElement.set(card.element, card);
        this.#observer.observe(card.element);
      }
      return card.element;
    });
    place(section.grid, cards);
    return section.element;
  }

  #make(title: string): Section {
    const count = element("span", { class: "count" });
    const toggle = element("button", { class: "toggle", type: "button" }, element("span", {}, title), count);
    const grid = element("div", { class: "grid" });
    const whole = element("section", {}, element("h2", {}, toggle), grid);
    const section: Section = { element: whole, grid, count, toggle, title };
    toggle.addEventListener("click", () => {
      const isClosed = grid.hidden === true;
      this.#close(section, !isClosed);
      this.#options.onToggle(title, !isClosed);
    });
    return section;
  }

  #close({ grid, toggle }: Section, closed: boolean): void {
    grid.hidden = closed;
    toggle.setAttribute("aria-expanded", String(!closed));
  }

  #remove(key: string, card: ChartCard): void {
    this.#observer.unobserve(card.element);
    this.#visible.delete(card);
    this.#byElement.delete(card.element);
    this.#cards.delete(key);
    card.close();
  }

  #follow(entries: readonly IntersectionObserverEntry[]): void {
    const entered: ChartCard[] = [];
    for (const { target, isIntersecting } of entries) {
      const card = this.#byElement.get(target);
      if (card === undefined) continue;
      if (isIntersecting) {
        this.#visible.add(card);
        entered.push(card);
      } else {
        this.#visible.delete(card);
        card.close();
      }
    }
    if (entered.length > 0) this.#options.onEnter(entered);
  }
}

/** Makes these the children, in this order, and moves only what is out of place: a moved element loses its focus. */
function place(parent: HTMLElement, children: readonly HTMLElement[]): void {
  for (const child of [...parent.children] as HTMLElement[]) if (!children.includes(child)) child.remove();
  for (const [i, child] of children.entries())
    if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i] ?? null);
}
