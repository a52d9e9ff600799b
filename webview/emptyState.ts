import type { CurvesOverview } from "../src/protocol/webview.ts";
import { element } from "./element.ts";
import { button } from "./ui.ts";

const kinds = [
  "metrics of verl's file logger (JSON Lines with step and data)",
  "any JSON Lines file with a step and numbers, such as metrics.jsonl",
  "TensorBoard event files (events.out.tfevents…)",
];

/** What is said where there is nothing to draw: why, what would be read, where it was looked for. */
export class EmptyState {
  readonly element = element("div", { class: "empty" });
  readonly #open: () => void;

  constructor(open: () => void) {
    this.#open = open;
    this.element.hidden = true;
  }

  show({ roots, heads }: CurvesOverview): void {
    this.element.hidden = heads.length > 0;
    if (heads.length > 0) return;
    const isOpen = roots.length > 0;
    const places = isOpen
      ? [element("p", {}, "Looked in:"), element("ul", {}, ...roots.map((root) => element("li", {}, root)))]
      : [];
    this.element.replaceChildren(
      element("h2", {}, isOpen ? "No training curves found" : "No run is open"),
      element("p", {}, "RewardLens draws the training curves it finds in the folder of a run:"),
      element("ul", {}, ...kinds.map((kind) => element("li", {}, kind))),
      ...places,
      button("Open Folder of a Run…", this.#open, "primary").element,
    );
  }
}
