import type { Locator, Page } from "./playwright.ts";
import type { Workbench } from "./workbench.ts";

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** An element inside the webview: places are those of the whole page. */
export interface PanelLocator extends Locator {
  boundingBox(): Promise<Box | null>;
  evaluate<R>(fn: (element: HTMLElement) => R): Promise<R>;
  isVisible(): Promise<boolean>;
  nth(n: number): PanelLocator;
  first(): PanelLocator;
}

interface Frame {
  frameLocator(selector: string): Frame;
  locator(selector: string, options?: { hasText?: string | RegExp }): PanelLocator;
}

type DragMouse = Page["mouse"] & { down(): Promise<void>; up(): Promise<void> };

/** Plot of a chart: its axis' width on the left and its room on the right, as the panel lays it out. */
const plotLeft = 54;
const plotRight = 10;

/** The panel of training curves in a workbench, through the two frames every webview lies in. */
export class CurvesPanelPage {
  readonly #workbench: Workbench;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  locator(selector: string, options?: { hasText?: string | RegExp }): PanelLocator {
    const page = this.#workbench.page as unknown as Frame;
    return page.frameLocator("iframe.webview.ready").frameLocator("#active-frame").locator(selector, options);
  }

  card(name: string): PanelLocator {
    return this.locator(`.card[data-name="${name}"]`).first();
  }

  async status(): Promise<string> {
    return (await this.locator(".status").innerText()).replace(/\s+/g, " ");
  }

  /** Pixels of a chart's canvas that are drawn, and how many colours they have. */
  async pixels(name: string): Promise<{ readonly drawn: number; readonly colors: number }> {
    const canvas = this.locator(`.card[data-name="${name}"] canvas`).first();
    return canvas.evaluate((element) => {
      const { width, height } = element as HTMLCanvasElement;
      const { data } = (element as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, width, height);
      const colors = new Set<number>();
      let drawn = 0;
      for (let i = 0; i < data.length; i += 4) {
        if (data[i + 3]! < 128) continue;
        drawn++;
        colors.add((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!);
      }
      return { drawn, colors: colors.size };
    });
  }

  /** Where a step stands in a chart, on the page; the axis goes from `low` to `high`. */
  async at(
    name: string,
    step: number,
    { low, high }: { readonly low: number; readonly high: number },
  ): Promise<{ readonly x: number; readonly y: number }> {
    const box = await this.locator(`.card[data-name="${name}"] .plot`).first().boundingBox();
    if (box === null) throw new Error(`${name} is not on screen`);
    const width = box.width - plotLeft - plotRight;
    return { x: box.x + plotLeft + ((step - low) / (high - low)) * width, y: box.y + box.height / 2 };
  }

  async click(
    name: string,
    step: number,
    axis: { readonly low: number; readonly high: number },
  ): Promise<void> {
    const { x, y } = await this.at(name, step, axis);
    await this.#workbench.page.mouse.move(x - 3, y);
    await this.#workbench.page.mouse.click(x, y);
  }

  /** Draws a range from step to step in a chart. */
  async drag(
    name: string,
    { from, to }: { readonly from: number; readonly to: number },
    axis: { readonly low: number; readonly high: number },
  ): Promise<void> {
    const mouse = this.#workbench.page.mouse as DragMouse;
    const [start, end] = [await this.at(name, from, axis), await this.at(name, to, axis)];
    await mouse.move(start.x, start.y);
    await mouse.down();
    await mouse.move(end.x, end.y, { steps: 6 });
    await mouse.up();
  }
}
