import type { CurvesOverview } from "../src/protocol/webview.ts";
import { fileName } from "./chartModel.ts";
import { element } from "./element.ts";

/** What could not be read, a line a file; opens to every place. */
export class Problems {
  readonly element = element("div", { class: "problems" });
  #shown = "";

  /** Says what went wrong on the other side, above the rest. */
  tell(message: string): void {
    this.#shown = "";
    this.element.prepend(element("p", { role: "alert" }, message));
  }

  show({ issues, failures }: CurvesOverview): void {
    const now = JSON.stringify([issues, failures]);
    // Built anew only when it says something else, so that what is open stays open.
    if (now === this.#shown) return;
    this.#shown = now;
    const lines = issues.flatMap(({ file, total: known, issues: found }) => {
      // Values that are no numbers are marked and counted in their own charts.
      const places = found.filter(({ code }) => code !== "non-finite");
      const total = known - (found.length - places.length);
      if (total <= 0) return [];
      const count = `${total} ${total === 1 ? "problem" : "problems"} in ${fileName(file)}`;
      const summary = element("summary", { title: file }, `${count}: ${places[0]?.message ?? ""}`);
      const rows = places.map(({ line, byte, message }) =>
        element("li", {}, `${line > 0 ? `line ${line}` : `byte ${byte}`}: ${message}`),
      );
      const left = total - places.length;
      if (left > 0) rows.push(element("li", {}, `and ${left} more`));
      return [element("details", {}, summary, element("p", {}, file), element("ul", {}, ...rows))];
    });
    this.element.replaceChildren(
      ...failures.map(({ root, message }) => element("p", {}, `${root}: ${message}`)),
      ...lines,
    );
  }
}
