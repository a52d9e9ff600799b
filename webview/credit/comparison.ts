import type { CreditPageState, PageAgreement } from "../../src/protocol/creditPage.ts";
import { element } from "../element.ts";
import { AnswerBox } from "./answerBox.ts";

interface Actions {
  compare(): Promise<readonly PageAgreement[]>;
  choose(method: string): void;
  reveal(line: number): void;
}

/** How far the other methods agree with the one that is shown, on the rollout that is shown. */
export class Comparison {
  readonly #actions: Actions;
  readonly #box: AnswerBox;

  constructor(actions: Actions) {
    this.#actions = actions;
    this.#box = new AnswerBox({
      title: "Agreement on this rollout",
      label: "Compare with Other Methods",
      waiting: "Computing every method…",
      ask: async () => this.#table(await actions.compare()),
    });
  }

  get element(): HTMLElement {
    return this.#box.element;
  }

  /** What was compared with other parameters says nothing any more. */
  show(state: CreditPageState, before: CreditPageState | null): void {
    this.element.hidden = !state.hasTrace;
    const keyOf = (one: CreditPageState | null): string => JSON.stringify([one?.method.id, one?.values]);
    if (keyOf(state) !== keyOf(before)) this.#box.clear();
  }

  #table(found: readonly PageAgreement[]): readonly Node[] {
    if (found.length === 0) {
      const text = "No other method can be computed from what this log holds.";
      return [element("p", { class: "quiet" }, text)];
    }
    const head = element(
      "tr",
      {},
      element("th", { scope: "col" }, "Method"),
      element("th", { scope: "col", title: "Spearman's rank correlation of the credits" }, "ρ"),
      element("th", { scope: "col", title: "Share of places where one says good and the other bad" }, "±"),
      element("th", { scope: "col", title: "The step where they differ most" }, "Where"),
    );
    const rows = found.map((one) => this.#row(one));
    return [element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows))];
  }

  #row({ method, label, rank, opposed, n, over, line }: PageAgreement): HTMLElement {
    const use = element("button", { class: "link", type: "button", title: `Show ${label}` }, label);
    use.addEventListener("click", () => this.#actions.choose(method));
    const where = element("td", {});
    if (line !== null) {
      const go = element(
        "button",
        { class: "link", type: "button", title: "Show where they differ most" },
        `L${line + 1}`,
      );
      go.addEventListener("click", () => this.#actions.reveal(line));
      where.append(go);
    }
    const flat = `one of them gives all ${over} the same number`;
    const correlation =
      rank === null
        ? element("td", { class: "number", title: flat }, "flat")
        : element("td", { class: "number", title: `over ${n} ${over}` }, rank.toFixed(2).replace("-", "−"));
    const share = opposed === null ? "—" : `${Math.round(100 * opposed)} %`;
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, use),
      correlation,
      element("td", { class: "number" }, share),
      where,
    );
  }
}
