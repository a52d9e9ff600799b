import { startServer } from "../../../tools/workbench/server.mjs";
import { join } from "node:path";
import { type Browser, launchBrowser, type Page } from "./playwright.ts";
import { results } from "./workspace.ts";

/** Colour themes of the workbench, as the setting names them. */
export const themes = {
  dark: "Default Dark Modern",
  light: "Default Light Modern",
  "high-contrast": "Default High Contrast",
} as const;
export type Theme = keyof typeof themes;

export interface OpenOptions {
  readonly workspace: string;
  readonly vsix: string;
  readonly theme?: Theme;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Further extensions to install. */
  readonly more?: readonly string[];
  /** Address of a resource to show at once. */
  readonly open?: string;
}

/** An inline decoration that is on screen. */
export interface Painted {
  readonly text: string;
  readonly background: string;
  readonly underline: string;
}

/** A real workbench with the installed extension, in a real browser. Every wait polls with a deadline. */
export class Workbench {
  readonly page: Page;
  readonly #browser: Browser;
  readonly #server: Awaited<ReturnType<typeof startServer>>;
  readonly errors: string[] = [];

  private constructor(page: Page, browser: Browser, server: Awaited<ReturnType<typeof startServer>>) {
    this.page = page;
    this.#browser = browser;
    this.#server = server;
    page.on("pageerror", (error) => this.errors.push(String(error)));
  }

  static async open({
    workspace,
    vsix,
    more = [],
    theme = "dark",
    settings = {},
    open,
  }: OpenOptions): Promise<Workbench> {
    const colors = { "workbench.colorTheme": themes[theme], "window.autoDetectHighContrast": false };
    const server = await startServer({
      workspace,
      vsix: [vsix, ...more],
      settings: { ...colors, "editor.hover.delay": 100, ...settings },
    });
    const browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 1500, height: 860 } });
    page.setDefaultTimeout(30_000);
    const workbench = new Workbench(page, browser, server);
    await page.goto(server.url(open));
    await workbench.#loaded();
    return workbench;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#server.stop();
  }

  /** Address of a file of the workspace for `open`. */
  fileAddress(path: string): string {
    return `vscode-remote://127.0.0.1:${this.#server.port}${path}`;
  }

  /** Loads the page again, after the time the web workbench needs to store which tabs are open. */
  async reload(): Promise<void> {
    await this.page.waitForTimeout(9_000);
    await this.page.goto(this.#server.url());
    await this.#loaded();
  }

  async setTheme(theme: Theme): Promise<void> {
    await this.palette("Preferences: Color Theme");
    const input = this.page.locator(".quick-input-widget .input").first();
    await input.fill(themes[theme].replace("Default ", ""));
    await this.pick(themes[theme].replace("Default ", ""));
    const kind = { dark: "vs-dark", light: "vs", "high-contrast": "hc-black" }[theme];
    const isOn = (name: string): boolean =>
      document.querySelector(".monaco-workbench")!.classList.contains(name);
    await this.until(() => this.page.evaluate(isOn, kind), `theme ${theme}`);
  }

  /** Runs a command by its title; tries again while the workbench does not know it yet. */
  async palette(title: string): Promise<void> {
    await this.#quickOpen(`>${title}`, title);
  }

  /** Opens a file of the workspace as a person does, by its name. */
  async openFile(name: string): Promise<void> {
    await this.#quickOpen(name, name);
    await this.until(async () => (await this.activeTab()) === name, name);
  }

  /** Tries again where the list came up without the row: what was just written is found by the next search. */
  async #quickOpen(typed: string, text: string): Promise<void> {
    await this.until(
      async () => {
        await this.page.keyboard.press("F1");
        const input = this.page.locator(".quick-input-widget .input").first();
        await input.waitFor();
        await input.fill(typed);
        const row = this.page.locator(".quick-input-list .monaco-list-row", { hasText: text }).first();
        try {
          await row.waitFor({ timeout: 1500 });
          await row.click({ timeout: 1500 });
          return true;
        } catch {
          await this.page.keyboard.press("Escape");
          return false;
        }
      },
      `"${text}" in the list of ${typed.startsWith(">") ? "commands" : "files"}`,
    );
  }

  /** Rows of the quick pick that is open. */
  async quickPickItems(): Promise<readonly string[]> {
    const rows = this.page.locator(".quick-input-list .monaco-list-row");
    await rows.first().waitFor();
    return rows.allInnerTexts();
  }

  /** Picks the row that holds a text, or whose label it is; one that is not on screen is looked for by typing. */
  async pick(text: string, { exact = false } = {}): Promise<void> {
    const label = new RegExp(`^\\s*${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}\\s*$`);
    const row = exact
      ? this.page.locator(".quick-input-list .label-name", { hasText: label }).first()
      : this.page.locator(".quick-input-list .monaco-list-row", { hasText: text }).first();
    await this.page.locator(".quick-input-list .monaco-list-row").first().waitFor();
    try {
      await row.waitFor({ timeout: 5000 });
    } catch {
      await this.page.locator(".quick-input-widget .input").first().fill(text);
      await row.waitFor();
    }
    await row.click();
  }

  async type(text: string): Promise<void> {
    const input = this.page.locator(".quick-input-widget .input").first();
    await input.waitFor();
    await input.fill(text);
    await this.page.keyboard.press("Enter");
  }

  /** Shows the Rollouts view. */
  async showRollouts(): Promise<void> {
    await this.palette("View: Show RewardLens");
    await this.page.waitForSelector(".pane-body .tree-explorer-viewlet-tree-view, .pane-body .welcome-view", {
      timeout: 20_000,
    });
  }

  /** Rows of the tree in the side bar: label and description in one line. */
  async treeRows(): Promise<readonly string[]> {
    return this.page.evaluate(() =>
      [...document.querySelectorAll(".tree-explorer-viewlet-tree-view .monaco-list-row")]
        .toSorted((a, b) => Number(a.getAttribute("data-index")) - Number(b.getAttribute("data-index")))
        .map((row) => (row.textContent ?? "").replaceAll("\u00a0", " ").trim()),
    );
  }

  /** Clicks on the row that holds a text; opens or closes it, or runs its command. */
  async clickRow(text: string): Promise<void> {
    const row = this.page
      .locator(".tree-explorer-viewlet-tree-view .monaco-list-row", { hasText: text })
      .first();
    await row.waitFor();
    await row.locator(".monaco-icon-label").first().click();
  }

  /** Opens a row by the keyboard, so that a row that is open stays so. */
  async expandRow(text: string): Promise<void> {
    const row = this.page
      .locator(".tree-explorer-viewlet-tree-view .monaco-list-row", { hasText: text })
      .first();
    await row.waitFor();
    if ((await row.getAttribute("aria-expanded")) !== "false") return;
    await row.locator(".monaco-tl-twistie").first().click();
    await this.until(async () => (await row.getAttribute("aria-expanded")) === "true", `row "${text}" open`);
  }

  async activeTab(): Promise<string> {
    return this.page.evaluate(
      () => document.querySelector(".tabs-container .tab.active .monaco-icon-label")?.textContent ?? "",
    );
  }

  /** Visible lines of the active editor, from the top. */
  async editorLines(): Promise<readonly string[]> {
    return this.page.evaluate(() =>
      [...document.querySelectorAll(".editor-group-container.active .view-lines .view-line")]
        .map((line) => ({
          top: Number.parseFloat((line as HTMLElement).style.top),
          text: line.textContent ?? "",
        }))
        .toSorted((a, b) => a.top - b.top)
        .map(({ text }) => text.replaceAll("\u00a0", " ").replaceAll("\u200b", "")),
    );
  }

  /** What is painted: the text under each background, and the spans that are underlined. */
  async painted(): Promise<readonly Painted[]> {
    return this.page.evaluate(() => {
      const backgrounds = [
        ...document.querySelectorAll('.editor-group-container.active .view-overlays [class*="ced-"]'),
      ].map((element) => ({
        text: "",
        background: getComputedStyle(element).backgroundColor,
        underline: "",
      }));
      const inline = [
        ...document.querySelectorAll('.editor-group-container.active .view-lines span[class*="ced-"]'),
      ].map((element) => {
        const style = getComputedStyle(element);
        const underline =
          style.textDecorationLine === "underline"
            ? `${style.textDecorationStyle} ${style.textDecorationThickness}`
            : "";
        return { text: element.textContent ?? "", background: style.backgroundColor, underline };
      });
      return [...backgrounds.filter(({ background }) => background !== "rgba(0, 0, 0, 0)"), ...inline];
    });
  }

  /** Distinct background colours of painted spans. */
  async backgrounds(): Promise<readonly string[]> {
    return [...new Set((await this.painted()).map(({ background }) => background))].filter(
      (color) => color !== "rgba(0, 0, 0, 0)",
    );
  }

  /** Texts that decorations put after (and before) the log's own. */
  async marks(): Promise<readonly string[]> {
    return this.page.evaluate(() => {
      const texts: string[] = [];
      for (const element of document.querySelectorAll(
        '.editor-group-container.active .view-lines span[class*="ced-"]',
      )) {
        for (const pseudo of ["::after", "::before"]) {
          const { content } = getComputedStyle(element, pseudo);
          if (content !== "none" && content !== "normal" && content !== '""')
            texts.push(content.replace(/^"|"$/g, ""));
        }
      }
      return texts;
    });
  }

  /** Hovers over the nth occurrence of a text in the visible lines and returns what the hover says. */
  async hover(text: string, occurrence = 0): Promise<string> {
    const point = await this.until(
      () =>
        this.page.evaluate(
          ({ wanted, nth }) => {
            let seen = 0;
            for (const line of document.querySelectorAll(
              ".editor-group-container.active .view-lines .view-line",
            )) {
              const whole = (line.textContent ?? "").replaceAll("\u00a0", " ");
              for (let at = whole.indexOf(wanted); at >= 0; at = whole.indexOf(wanted, at + 1)) {
                if (seen++ < nth) continue;
                const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
                let before = 0;
                for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
                  const length = node.textContent!.length;
                  if (before + length > at) {
                    const range = document.createRange();
                    range.setStart(node, at - before);
                    range.setEnd(node, Math.min(length, at - before + 1));
                    const box = range.getBoundingClientRect();
                    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
                  }
                  before += length;
                }
              }
            }
            return null;
          },
          { wanted: text, nth: occurrence },
        ),
      `text "${text}" on screen`,
    );
    await this.page.keyboard.press("Escape");
    await this.page.mouse.move(point.x, point.y + 200);
    await this.page.mouse.move(point.x - 2, point.y, { steps: 4 });
    await this.page.mouse.move(point.x, point.y, { steps: 2 });
    return this.until(
      () =>
        this.page.evaluate(() => {
          const rows = [...document.querySelectorAll(".monaco-hover:not(.hidden) .hover-row")].map(
            (row) => (row as HTMLElement).innerText,
          );
          const whole = rows.join("\n").trim();
          return whole !== "" && !whole.includes("Loading...") ? whole : null;
        }),
      `hover over "${text}"`,
    );
  }

  async statusBar(): Promise<string> {
    return this.page.evaluate(() =>
      [...document.querySelectorAll(".statusbar-item")].map((item) => item.textContent ?? "").join(" | "),
    );
  }

  async notifications(): Promise<readonly string[]> {
    return this.page.evaluate(() =>
      [...document.querySelectorAll(".notification-list-item-message")].map((item) => item.textContent ?? ""),
    );
  }

  /** Modal dialogs on screen: there should never be one. */
  async dialogs(): Promise<number> {
    return this.page.locator(".monaco-dialog-box").count();
  }

  /** Line the cursor is on, from the status bar. */
  async cursorLine(): Promise<number> {
    return Number(/Ln (\d+)/.exec(await this.statusBar())?.[1] ?? 0);
  }

  async screenshot(file: string): Promise<void> {
    await this.page.screenshot({ path: file });
  }

  /** Asks until the answer is neither false, null nor an error; the last error is in the message when time is up. */
  async until<T>(ask: () => Promise<T>, what: string, timeoutMs = 30_000): Promise<NonNullable<T>> {
    const deadline = Date.now() + timeoutMs;
    let last: unknown = "nothing";
    for (;;) {
      try {
        const answer = await ask();
        if (answer !== null && answer !== undefined && (answer as unknown) !== false) return answer;
        last = answer;
      } catch (error) {
        last = error;
      }
      if (Date.now() > deadline) {
        await this.screenshot(join(results, "failure.png"));
        throw new Error(`waited ${timeoutMs} ms in vain for ${what} (last: ${String(last)})`);
      }
      await this.page.waitForTimeout(100);
    }
  }

  async #loaded(): Promise<void> {
    await this.page.waitForSelector(".monaco-workbench", { timeout: 60_000 });
    await this.page.waitForSelector(".statusbar-item", { timeout: 60_000 });
  }
}
