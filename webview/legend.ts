import type { CurveRun } from "../src/protocol/webview.ts";
import { lineStyle } from "./charts/lineStyle.ts";
import { element } from "./element.ts";
import { checkbox } from "./ui.ts";

/** Names of the runs with the line each is drawn as; where there are several, they can be switched off. */
export class Legend {
  readonly element = element("div", { class: "legend", role: "group", "aria-label": "Runs" });
  readonly #onChange: (run: string, shown: boolean) => void;
  #shown = "";

  constructor(onChange: (run: string, shown: boolean) => void) {
    this.#onChange = onChange;
  }

  show(runs: readonly CurveRun[], hidden: ReadonlySet<string>): void {
    const now = JSON.stringify([runs, [...hidden]]);
    // Built anew only when it says something else: a check box that is replaced loses its focus.
    if (now === this.#shown) return;
    this.#shown = now;
    this.element.replaceChildren(
      ...runs.map((run, i) => {
        const name = element("span", { class: "name" }, run.label);
        if (runs.length === 1) return element("span", { class: "run" }, swatch(i), name);
        const box = checkbox([swatch(i), name], (on) => this.#onChange(run.key, on));
        box.set(!hidden.has(run.key));
        box.element.title = run.root;
        box.element.classList.add("run");
        return box.element;
      }),
    );
  }
}

/** A piece of the run's line with its mark. */
function swatch(run: number): HTMLElement {
  const { color, dash, mark } = lineStyle(run);
  const svgName = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(svgName, "svg");
  const line = document.createElementNS(svgName, "line");
  for (const [name, value] of Object.entries({
    x1: 0,
    x2: 28,
    y1: 6,
    y2: 6,
    "stroke-dasharray": dash.join(" "),
  }))
    line.setAttribute(name, String(value));
  svg.setAttribute("viewBox", "0 0 28 12");
  svg.append(line);
  return element(
    "span",
    { class: `swatch run-${color}`, "aria-hidden": "true" },
    svg,
    element("span", {}, mark),
  );
}
