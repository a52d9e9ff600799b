import { createRequire } from "node:module";
import { ensureChromium } from "../../../tools/workbench/chromium.mjs";
import { ensureWorkbench } from "../../../tools/workbench/setup.mjs";

/** The little of playwright-core's page that the tests use; the package lies with the workbench, not with the project. */
export interface Page {
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  evaluate<R, A = undefined>(fn: (arg: A) => R | Promise<R>, arg?: A): Promise<R>;
  waitForTimeout(ms: number): Promise<void>;
  waitForSelector(
    selector: string,
    options?: { timeout?: number; state?: "attached" | "visible" | "hidden" },
  ): Promise<unknown>;
  screenshot(options: { path: string }): Promise<unknown>;
  setDefaultTimeout(ms: number): void;
  locator(selector: string, options?: { hasText?: string | RegExp }): Locator;
  on(event: "console" | "pageerror", listener: (message: { text(): string } & Error) => void): void;
  readonly keyboard: {
    press(key: string): Promise<void>;
    type(text: string): Promise<void>;
    insertText(text: string): Promise<void>;
    down(key: string): Promise<void>;
    up(key: string): Promise<void>;
  };
  readonly mouse: {
    move(x: number, y: number, options?: { steps?: number }): Promise<void>;
    click(x: number, y: number): Promise<void>;
    wheel(dx: number, dy: number): Promise<void>;
  };
}

export interface Locator {
  focus(): Promise<void>;
  click(options?: { button?: "left" | "right"; timeout?: number; force?: boolean }): Promise<void>;
  fill(text: string): Promise<void>;
  count(): Promise<number>;
  first(): Locator;
  nth(n: number): Locator;
  innerText(): Promise<string>;
  inputValue(): Promise<string>;
  isVisible(): Promise<boolean>;
  allInnerTexts(): Promise<string[]>;
  getAttribute(name: string): Promise<string | null>;
  locator(selector: string, options?: { hasText?: string | RegExp }): Locator;
  waitFor(options?: { state?: "attached" | "visible" | "hidden"; timeout?: number }): Promise<void>;
  hover(): Promise<void>;
}

export interface Browser {
  newPage(options: { viewport: { width: number; height: number } }): Promise<Page>;
  close(): Promise<void>;
}

interface Playwright {
  readonly chromium: {
    launch(options: { executablePath: string; headless: boolean; args: readonly string[] }): Promise<Browser>;
  };
}

export async function launchBrowser(): Promise<Browser> {
  const log = (line: string): void => console.log(line);
  const { playwright } = ensureWorkbench({ log });
  const { chromium } = createRequire(import.meta.url)(playwright) as Playwright;
  const args = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
  ];
  return chromium.launch({ executablePath: ensureChromium({ log }), headless: true, args });
}
