import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatNumber } from "../../src/core/stats/formatNumber.ts";
import type { PanelLocator } from "./harness/panel.ts";
import { ViewPage } from "./harness/viewPage.ts";
import { type Theme, Workbench } from "./harness/workbench.ts";
import { commandLine, makeWorkspace, results } from "./harness/workspace.ts";

const workspace = makeWorkspace();
const log = join(workspace.folder, "first-run", "worked-example.jsonl");
const id = "pencils-2";
let workbench: Workbench;
let view: ViewPage;

beforeAll(async () => {
  workbench = await Workbench.open({ workspace: workspace.folder, vsix: workspace.vsix });
  await openTrace();
  await workbench.palette("RewardLens: Tune Credit Parameters");
  view = new ViewPage(workbench);
  await workbench.until(() => view.locator("select").first().isVisible(), "the Credit view");
});

afterAll(async () => {
  await workbench?.close();
  workspace.remove();
});

async function openTrace(): Promise<void> {
  await workbench.palette("RewardLens: Open Rollouts…");
  await workbench.pick("first-run/worked-example.jsonl");
  const row = (text: string) => async (): Promise<boolean> =>
    (await workbench.treeRows()).some((one) => one.includes(text));
  await workbench.until(row("step 1"), "the run in the tree");
  await workbench.expandRow("reward 0.429");
  await workbench.expandRow("Ben has 23");
  await workbench.until(row("113 tokens"), "rollouts in the tree");
  await workbench.clickRow("113 tokens");
  await workbench.until(async () => (await workbench.backgrounds()).length > 0, "the trace with its credit");
}

/** Credit of a token of the shown rollout, as the command line prints it. */
function printed(text: string, ...args: readonly string[]): number {
  const [rollout] = commandLine("export", log).filter((line) => line["id"] === id) as unknown as {
    turns: { content: string; tokens?: { offsets: [number, number][] } }[];
  }[];
  const turn = rollout!.turns.findIndex(({ tokens }) => tokens !== undefined);
  const { content, tokens } = rollout!.turns[turn]!;
  const token = tokens!.offsets.findIndex(([from, to]) => content.slice(from, to).trim() === text);
  const [line] = commandLine("credit", log, ...args, "--id", `${log}::${id}`);
  return (line!["turns"] as { tokens: (number | null)[] }[])[turn]!.tokens[token]!;
}

/** The hover over a token, made anew: one that is still shown keeps what it said. */
async function freshHover(): Promise<string> {
  await workbench.page.mouse.move(700, 820);
  await workbench.page.waitForTimeout(800);
  return workbench.hover("boxes of 27 pencils are");
}

async function hoverSays(number: number): Promise<void> {
  await workbench.until(
    async () => (await freshHover()).includes(`${formatNumber(number)} credit`),
    `${formatNumber(number)} in the hover`,
  );
}

const parameter = (name: string) => view.locator(`input[aria-label="${name}"]`).first();

describe("the Credit view", () => {
  test("lists what can be computed here first, and says of the others what they lack", async () => {
    const groups = await view.locator("select[aria-label=Method] optgroup").first().getAttribute("label");
    expect(groups).toBe("Not available for this rollout");
    const options = await view.locator("select[aria-label=Method] > option").allInnerTexts();
    expect(options).toContain("GRPO");
    expect(options).toContain("GAE");
    await view.choose("Method", "gae");
    await workbench.until(
      async () => (await workbench.statusBar()).includes(" GAE "),
      "GAE in the status bar",
    );
    await workbench.until(() => parameter("lambda slider").isVisible(), "the parameters of GAE");
    expect(await view.locator(".formula").first().innerText()).toContain("A = r + γV⁺ − V + γλA⁺");
  });

  test("the inline credit follows a parameter, and the reset brings the preset back", async () => {
    const before = printed("boxes", "--method", "gae");
    const after = printed("boxes", "--method", "gae", "--set", "gae.lambda=0.5");
    expect(formatNumber(after)).not.toBe(formatNumber(before));
    await hoverSays(before);
    const marks = await workbench.marks();
    await parameter("lambda slider").fill("0.5");
    await hoverSays(after);
    expect(await workbench.marks()).not.toEqual(marks);
    expect(await parameter("lambda").inputValue()).toBe("0.5");
    await view.locator("vscode-button", { hasText: "Reset" }).first().click();
    await hoverSays(before);
    expect(await parameter("lambda").inputValue()).toBe("0.95");
  });

  test("while a slider is dragged the credit follows, and ends where the slider does", async () => {
    const first = await workbench.marks();
    await parameter("gamma slider").evaluate((slider) => slider.scrollIntoView({ block: "center" }));
    const box = (await parameter("gamma slider").boundingBox())!;
    const y = box.y + box.height / 2;
    const mouse = workbench.page.mouse as typeof workbench.page.mouse & {
      down(): Promise<void>;
      up(): Promise<void>;
    };
    await mouse.move(box.x + box.width - 4, y);
    await mouse.down();
    await mouse.move(box.x + box.width * 0.6, y, { steps: 15 });
    await workbench.until(
      async () => JSON.stringify(await workbench.marks()) !== JSON.stringify(first),
      "other numbers while the button is down",
    );
    await mouse.move(box.x + box.width * 0.3, y, { steps: 15 });
    await mouse.up();
    const gamma = Number(await parameter("gamma").inputValue());
    expect(gamma).toBeGreaterThan(0.1);
    expect(gamma).toBeLessThan(0.5);
    await hoverSays(printed("boxes", "--method", "gae", "--set", `gae.gamma=${gamma}`));
  });

  test("shows another lane in the credit's place: what the loss makes of it, then the credit again", async () => {
    const marks = await workbench.marks();
    await view.choose("Show", "pressure.pressure");
    await workbench.until(
      async () => (await workbench.statusBar()).includes("GAE · pressure.pressure"),
      "the lane in the status bar",
    );
    await workbench.until(
      async () => (await freshHover()).includes("pressure.pressure"),
      "the lane in the hover",
    );
    expect(await workbench.marks()).not.toEqual(marks);
    await view.choose("Show", "credit");
    await workbench.until(
      async () => JSON.stringify(await workbench.marks()) === JSON.stringify(marks),
      "the credit again",
    );
  });

  test("tells how far the other methods agree, and where they differ", async () => {
    await view.locator("vscode-button", { hasText: "Compare" }).first().click();
    const rows = await workbench.until(async () => {
      const all = await view.locator("tbody tr").allInnerTexts();
      return all.length > 3 ? all : null;
    }, "a row for each method");
    expect(rows.some((row) => row.includes("TEMPO"))).toBe(true);
    await view.locator("td .link").first().click();
    await workbench.until(async () => (await workbench.cursorLine()) > 1, "the place in the trace");
    // With most of the side bar for itself.
    const header = workbench.page.locator('.pane-header[aria-label^="Credit"]').first();
    const { x, y } = (await (header as unknown as PanelLocator).boundingBox())!;
    const mouse = workbench.page.mouse as typeof workbench.page.mouse & {
      down(): Promise<void>;
      up(): Promise<void>;
    };
    await mouse.move(x + 80, y);
    await mouse.down();
    await mouse.move(x + 80, y - 420, { steps: 10 });
    await mouse.up();
    for (const theme of ["light", "high-contrast", "dark"] satisfies Theme[]) {
      await workbench.setTheme(theme);
      await view
        .locator("select")
        .first()
        .evaluate((list) => list.scrollIntoView());
      await workbench.screenshot(join(results, `credit-view-${theme}.png`));
    }
  });

  test("says which estimator made the logged advantages, or that the log has none", async () => {
    await view.locator("vscode-button", { hasText: "Which Estimator" }).first().click();
    await workbench.until(
      async () => /advantages|returns/.test(await view.locator("section").nth(1).innerText()),
      "a verdict",
    );
    await workbench.screenshot(join(results, "credit-view-forensics.png"));
  });

  test("what was chosen is still there after a reload", async () => {
    const gamma = await parameter("gamma").inputValue();
    await workbench.reload();
    await workbench.palette("RewardLens: Tune Credit Parameters");
    await workbench.until(() => parameter("gamma").isVisible(), "the view after the reload", 60_000);
    await workbench.until(async () => (await parameter("gamma").inputValue()) === gamma, "its gamma");
    expect(await workbench.dialogs()).toBe(0);
    expect(workbench.errors).toEqual([]);
  });
});
