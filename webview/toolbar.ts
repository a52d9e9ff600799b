import { element } from "./element.ts";
import type { PanelState } from "./panelState.ts";
import { button, checkbox, slider, textField } from "./ui.ts";

export interface ToolbarActions {
  readonly filter: (text: string) => void;
  readonly smooth: (weight: number) => void;
  readonly log: (on: boolean) => void;
  readonly reset: () => void;
}

/** The controls that hold for all charts. */
export class Toolbar {
  readonly element: HTMLElement;
  readonly #problem = element("span", { class: "problem", role: "alert" });
  readonly #reset;

  constructor(state: PanelState, actions: ToolbarActions) {
    const placeholder = "Filter: part of a name, or /regex/";
    const filter = textField({ label: "Filter charts", placeholder }, actions.filter);
    const smoothing = slider({ label: "Smoothing", max: 0.99, step: 0.01 }, actions.smooth);
    const log = checkbox(["Log y axis"], actions.log);
    this.#reset = button("Reset Zoom", actions.reset);
    filter.element.classList.add("filter");
    filter.set(state.filter);
    smoothing.set(state.smoothing);
    log.set(state.isLog);
    const controls = [filter.element, smoothing.element, log.element, this.#reset.element, this.#problem];
    this.element = element("div", { class: "toolbar", role: "toolbar", "aria-label": "Charts" }, ...controls);
  }

  /** Why the filter cannot be read; empty when it can. */
  set problem(text: string) {
    this.#problem.textContent = text;
  }

  set isZoomed(zoomed: boolean) {
    this.#reset.set(zoomed);
  }
}
