import type { ChartModel } from "./chartModel.ts";
import type { ChartLine } from "./curve.ts";
import { element } from "./element.ts";

/** The head of a chart: its name, and with its number whatever is not drawn as a line. */
export class CardHead {
  readonly #title = element("h3");
  readonly #warnings = element("span", { class: "notes warning" });
  readonly #notes = element("span", { class: "notes" });
  readonly element = element("header", {}, this.#title, this.#warnings, this.#notes);

  name({ title, name, lines }: ChartModel): void {
    this.#title.textContent = title;
    const files = lines.map(
      ({ head, label }) => `${label === "" ? "" : `${label}: `}${head.files.join(" = ")}`,
    );
    this.#title.title = [name, ...files].join("\n");
  }

  /** Counts what the lines leave out; returns all of it in words. */
  describe(lines: readonly ChartLine[], isLog: boolean): string {
    const sum = (count: (line: ChartLine) => number): number => lines.reduce((n, line) => n + count(line), 0);
    const nonFinite = sum(({ curve }) => curve.nonFinite.length);
    const hidden = isLog ? sum(({ curve }) => curve.nNonPositive) : 0;
    const attempts = Math.max(0, ...lines.map(({ curve }) => curve.attempts.length));
    const warnings = [
      nonFinite > 0 ? `${nonFinite} NaN or ∞` : "",
      hidden > 0 ? `${hidden} ${hidden === 1 ? "point" : "points"} ≤ 0 not shown` : "",
    ].filter((note) => note !== "");
    const notes = attempts > 1 ? [`${attempts} attempts`] : [];
    const text = [lines.length === 1 ? "1 line" : `${lines.length} lines`, ...warnings, ...notes].join(", ");
    if (text === this.element.dataset["text"]) return text;
    this.element.dataset["text"] = text;
    this.#warnings.textContent = warnings.join(" · ");
    this.#warnings.title = this.#warnings.textContent;
    this.#notes.textContent = notes.join("");
    return text;
  }
}
