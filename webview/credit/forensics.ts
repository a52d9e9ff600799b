import type { Finding } from "../../src/core/credit/forensics/identify.ts";
import type { CreditPageState } from "../../src/protocol/creditPage.ts";
import { element } from "../element.ts";
import { button } from "../ui.ts";
import { AnswerBox } from "./answerBox.ts";

interface Actions {
  identify(): Promise<Finding>;
  choose(method: string, preset: string, params: Readonly<Record<string, number>>): void;
}

/** Which estimator made the logged advantages of the shown rollout's train step. */
export class Forensics {
  readonly #actions: Actions;
  readonly #box: AnswerBox;

  constructor(actions: Actions) {
    this.#actions = actions;
    this.#box = new AnswerBox({
      title: "Logged advantages",
      label: "Which Estimator Made These?",
      waiting: "Fitting every method and preset…",
      ask: async () => this.#words(await actions.identify()),
    });
  }

  get element(): HTMLElement {
    return this.#box.element;
  }

  show({ hasTrace }: CreditPageState): void {
    this.element.hidden = !hasTrace;
  }

  #words({ verdict, explanation, candidates }: Finding): readonly Node[] {
    const words = element("p", {}, explanation);
    const [best] = candidates;
    if (verdict === "none" || best === undefined) return [words];
    const { method, preset, params } = best;
    // What was done behind the estimator is no parameter of it.
    const { beta: _beta, bound: _bound, ...own } = params;
    return [words, button(`Use ${method}`, () => this.#actions.choose(method, preset, own)).element];
  }
}
