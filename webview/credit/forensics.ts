import type { Finding } from "../../src/core/credit/forensics/identify.ts";
import type { CreditPageState } from "../../src/protocol/creditPage.ts";
import { element } from "../element.ts";
import { button } from "../ui.ts";

interface Actions {
  identify(): Promise<Finding>;
  choose(method: string, preset: string, params: Readonly<Record<string, number>>): void;
}

/** Which estimator made the logged advantages of the shown rollout's train step. */
export class Forensics {
  readonly element: HTMLElement;
  readonly #actions: Actions;
  readonly #body = element("div", { "aria-live": "polite" });
  readonly #button: ReturnType<typeof button>;

  constructor(actions: Actions) {
    this.#actions = actions;
    this.#button = button("Which Estimator Made These?", () => void this.#identify());
    this.element = element(
      "section",
      {},
      element("h2", {}, "Logged advantages"),
      this.#button.element,
      this.#body,
    );
  }

  show({ hasTrace }: CreditPageState): void {
    this.element.hidden = !hasTrace;
  }

  async #identify(): Promise<void> {
    this.#button.set(false);
    this.#body.replaceChildren(element("p", { class: "quiet" }, "Fitting every method and preset…"));
    try {
      this.#put(await this.#actions.identify());
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#body.replaceChildren(element("p", { class: "problem" }, message));
    } finally {
      this.#button.set(true);
    }
  }

  #put({ verdict, explanation, candidates }: Finding): void {
    this.#body.replaceChildren(element("p", {}, explanation));
    const [best] = candidates;
    if (verdict === "none" || best === undefined) return;
    const { method, preset, params } = best;
    const { beta: _beta, bound: _bound, ...own } = params;
    const use = button(`Use ${method}`, () => this.#actions.choose(method, preset, own));
    this.#body.append(use.element);
  }
}
