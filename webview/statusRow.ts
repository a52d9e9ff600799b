import type { CurveMarks, StepChoice } from "../src/protocol/webview.ts";
import { element } from "./element.ts";
import { button } from "./ui.ts";

export interface StatusActions {
  readonly choose: (step: number) => void;
  readonly clear: () => void;
}

/** One line that is always there: what is shown, which step is chosen, and what came of choosing one. */
export class StatusRow {
  readonly element = element("div", { class: "status" });
  readonly #summary = element("span", { class: "summary" });
  readonly #selection = element("span", { class: "selection" });
  readonly #actions: StatusActions;
  #selected: number | null = null;
  #answer: StepChoice | null = null;

  constructor(actions: StatusActions) {
    this.#actions = actions;
    this.element.append(this.#summary, this.#selection);
    this.#show();
  }

  get summary(): string {
    return this.#summary.textContent;
  }

  set summary(text: string) {
    this.#summary.textContent = text;
  }

  mark({ selected }: CurveMarks): void {
    if (selected === this.#selected) return;
    this.#selected = selected;
    this.#answer = null;
    this.#show();
  }

  /** Says what came of choosing a step; null takes it back. */
  answer(choice: StepChoice | null): void {
    this.#answer = choice?.shown === true ? null : choice;
    this.#show();
  }

  #show(): void {
    const { choose, clear } = this.#actions;
    const parts: (Node | string)[] = [];
    const answer = this.#answer;
    if (answer !== null) {
      const { step, nearest } = answer;
      parts.push(
        element(
          "strong",
          {},
          nearest === null
            ? "No rollouts with a train step are open."
            : `No rollouts were logged at step ${step}. The nearest logged step is ${nearest}.`,
        ),
      );
      if (nearest !== null)
        parts.push(button(`Show Step ${nearest}`, () => choose(nearest), "primary").element);
      parts.push(button("Dismiss", () => this.answer(null)).element);
    } else if (this.#selected !== null) {
      parts.push(
        element("strong", {}, `Step ${this.#selected} is selected`),
        ": the Rollouts view shows it.",
        button("Clear", clear).element,
      );
    } else parts.push("Click a point to see the rollouts of its step.");
    this.#selection.replaceChildren(...parts);
  }
}
