import type { PanelLocator } from "./panel.ts";
import type { Workbench } from "./workbench.ts";

interface Frame {
  frameLocator(selector: string): Frame;
  locator(selector: string, options?: { hasText?: string | RegExp }): PanelLocator;
}

/** The one webview that is on screen, through the two frames every webview lies in. */
export class ViewPage {
  readonly #workbench: Workbench;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  locator(selector: string, options?: { hasText?: string | RegExp }): PanelLocator {
    const page = this.#workbench.page as unknown as Frame;
    return page.frameLocator("iframe.webview.ready").frameLocator("#active-frame").locator(selector, options);
  }

  /** Chooses an entry of a list by its value. */
  async choose(label: string, value: string): Promise<void> {
    const list = this.locator(`select[aria-label="${label}"]`).first() as PanelLocator & {
      selectOption(value: string): Promise<unknown>;
    };
    await list.selectOption(value);
  }
}
