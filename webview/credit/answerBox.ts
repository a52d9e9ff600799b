import { element } from "../element.ts";
import { button } from "../ui.ts";

export interface Question {
  readonly title: string;
  /** What the button says, and what stands there until the answer does. */
  readonly label: string;
  readonly waiting: string;
  ask(): Promise<readonly Node[]>;
}

/** A section with a question that takes a moment to answer: asked when its button is pressed. */
export class AnswerBox {
  readonly element: HTMLElement;
  readonly #question: Question;
  readonly #body = element("div", { "aria-live": "polite" });
  readonly #button: ReturnType<typeof button>;

  constructor(question: Question) {
    this.#question = question;
    this.#button = button(question.label, () => void this.#ask());
    const title = element("h2", {}, question.title);
    this.element = element("section", {}, title, this.#button.element, this.#body);
  }

  clear(): void {
    this.#body.replaceChildren();
  }

  async #ask(): Promise<void> {
    this.#button.set(false);
    this.#body.replaceChildren(element("p", { class: "quiet" }, this.#question.waiting));
    try {
      this.#body.replaceChildren(...(await this.#question.ask()));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#body.replaceChildren(element("p", { class: "problem" }, message));
    } finally {
      this.#button.set(true);
    }
  }
}
