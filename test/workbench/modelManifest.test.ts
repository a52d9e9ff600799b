import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { heads } from "../../src/core/head/registry.ts";
import { Workbench } from "./harness/workbench.ts";
import { makeWorkspace, repository, results } from "./harness/workspace.ts";

const workspace = makeWorkspace();
const file = join(workspace.folder, "my-prm", "rewardlens.model.json");
let workbench: Workbench;

beforeAll(async () => {
  const starter = join(repository, "media", "models", "arithmetic-starter", "rewardlens.model.json");
  const manifest = readFileSync(starter, "utf8");
  mkdirSync(join(file, ".."));
  writeFileSync(file, manifest.replace('"tokenClassification"', '"oracle"'));
  workbench = await Workbench.open({ workspace: workspace.folder, vsix: workspace.vsix });
  await workbench.palette("Go to File...");
  await workbench.page.locator(".quick-input-widget .input").first().fill("rewardlens.model.json");
  await workbench.pick("my-prm");
  await workbench.until(
    async () => (await workbench.editorLines()).some((line) => line.includes('"head": "oracle"')),
    "the manifest in the editor",
  );
});

afterAll(async () => {
  await workbench?.close();
  workspace.remove();
});

const squiggles = (): Promise<number> => workbench.page.locator(".view-overlays .squiggly-warning").count();
const row = ".suggest-widget.visible .monaco-list-row";

/** Everything that is offered at the cursor; the list draws only what is in view. */
async function offered(): Promise<ReadonlySet<string>> {
  const { page } = workbench;
  const focused = page.locator(`${row}.focused .label-name`).first();
  await workbench.until(async () => {
    await page.keyboard.press("Control+Space");
    await page.waitForTimeout(1000);
    return (await page.locator(row).count()) > 1;
  }, "what is offered");
  const labels = new Set<string>();
  // Behind the last comes the first again.
  for (let label = await focused.innerText(); !labels.has(label); label = await focused.innerText()) {
    labels.add(label);
    await page.keyboard.press("ArrowDown");
    await page.waitForTimeout(100);
  }
  return labels;
}

test("a manifest with a head that does not exist has a warning there that names those that do", async () => {
  await workbench.until(async () => (await squiggles()) === 1, "one warning");
  const text = await workbench.hover('"oracle"');
  expect(text).toContain("Value is not accepted");
  for (const { id } of heads) expect(text).toContain(`"${id}"`);
  await workbench.screenshot(join(results, "manifest-warning.png"));
});

test("every head is offered there, and nothing else; the one that is taken ends the warning", async () => {
  const { page } = workbench;
  await page.keyboard.press("Escape");
  await page.locator(".view-lines .view-line", { hasText: '"oracle"' }).first().click();
  const line = (await workbench.editorLines()).findIndex((one) => one.includes('"oracle"')) + 1;
  await workbench.until(async () => (await workbench.cursorLine()) === line, "the cursor in the line");
  await page.keyboard.press("End");
  // From behind the comma into the value, whose word is taken away.
  for (let presses = 0; presses < 2; presses++) await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Control+Backspace");
  await workbench.until(
    async () => (await workbench.editorLines()).some((one) => one.includes('"head": ""')),
    "no head",
  );
  const ids = heads.map(({ id }) => `"${id}"`);
  expect([...(await offered())].toSorted()).toEqual(ids.toSorted());
  await page.keyboard.type("tokenC");
  await workbench.until(
    async () => (await page.locator(row).first().innerText()).includes("tokenClassification"),
    "the head that was begun",
  );
  await workbench.screenshot(join(results, "manifest-completion.png"));
  await page.keyboard.press("Enter");
  await workbench.until(
    async () =>
      (await workbench.editorLines()).some((one) => one.trim() === '"head": "tokenClassification",'),
    "the head in its place",
  );
  await workbench.until(async () => (await squiggles()) === 0, "no warning");
  expect(await workbench.dialogs()).toBe(0);
});
