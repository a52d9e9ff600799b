import type { Workbench } from "./workbench.ts";

const tree = ".tree-explorer-viewlet-tree-view";

/**
 * Opens a log by its path, as "Log file…" and "Folder of a run…" do. The dialog writes a path of its own when it has
 * listed a folder, which can be after ours was written: what stands there is looked at before it is accepted.
 */
export async function openPath(workbench: Workbench, path: string, kind: "file" | "folder"): Promise<void> {
  const { page } = workbench;
  const isOpen = async (): Promise<boolean> => (await workbench.treeRows()).length > 0;
  const input = page.locator(".quick-input-widget .input").first();
  const accept = page.locator(".quick-input-widget .monaco-button", { hasText: "Open Rollouts" }).first();
  const wanted = kind === "file" ? path : `${path}/`;
  const shown = async (): Promise<string> => ((await accept.isVisible()) ? await input.inputValue() : "");
  await workbench.until(
    async () => {
      if (await isOpen()) return true;
      if (!(await accept.isVisible())) {
        await page.keyboard.press("Escape");
        await workbench.palette("RewardLens: Open Rollouts…");
        await workbench.pick(kind === "file" ? "Log file…" : "Folder of a run…");
        await accept.waitFor({ timeout: 5000 });
        await page.waitForTimeout(1000);
      }
      await input.fill(wanted);
      await page.waitForTimeout(500);
      if ((await shown()) !== wanted) return false;
      await accept.click({ timeout: 1000 });
      for (let waited = 0; waited < 5000; waited += 250) {
        if (await isOpen()) return true;
        await page.waitForTimeout(250);
      }
      return false;
    },
    `${path} in the tree`,
    60_000,
  );
}

/** Chooses a credit method by its label; there are too many to be all on screen. */
export async function chooseMethod(workbench: Workbench, label: string): Promise<void> {
  await workbench.palette("RewardLens: Choose Credit Method…");
  const input = workbench.page.locator(".quick-input-widget .input").first();
  // The palette may still be there: what was written into it would look for files.
  await workbench.page.locator(".quick-input-title", { hasText: "Credit Method" }).first().waitFor();
  await workbench.page.locator(".quick-input-list .monaco-list-row").first().waitFor();
  await input.fill(label);
  // Of the current method the label begins with a check mark, which is an icon and no text.
  const name = new RegExp(`^\\s*${label.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}\\s*$`);
  await workbench.page.locator(".quick-input-list .label-name", { hasText: name }).first().click();
}

/** Shows the first rollout of the tree. */
export async function showFirstRollout(workbench: Workbench): Promise<void> {
  const list = workbench.page.locator(`${tree} .monaco-list`).first();
  const focused = workbench.page.locator(`${tree} .monaco-list-row.focused`).first();
  await list.focus();
  await workbench.page.keyboard.press("Home");
  await workbench.until(async () => {
    if ((await focused.innerText()).trim().startsWith("rollout")) return true;
    await list.focus();
    await workbench.page.keyboard.press("ArrowRight");
    await workbench.page.waitForTimeout(200);
    return false;
  }, "a rollout in the tree");
  await workbench.page.keyboard.press("Enter");
  await workbench.until(
    async () => (await workbench.editorLines()).some((line) => line.startsWith("◆ rollout")),
    "its trace",
  );
}

/** Closes all traces and runs, so that the next stands alone. */
export async function closeAll(workbench: Workbench): Promise<void> {
  await workbench.palette("View: Close All Editors");
  await workbench.showRollouts();
  // Beside another view, a view's actions show while the pointer is over it.
  await workbench.page.locator('.pane-header[aria-label^="Rollouts"]').first().hover();
  await workbench.page.locator(".action-label.codicon-collapse-all").first().click();
  await workbench.until(async () => {
    if ((await workbench.treeRows()).length === 0) return true;
    const row = workbench.page.locator(`${tree} .monaco-list-row`).first();
    await row.hover();
    await row.locator(".action-label.codicon-close").first().click({ timeout: 2000 });
    return false;
  }, "no run in the tree");
}
