import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Workbench } from "./harness/workbench.ts";
import { makeWorkspace, results } from "./harness/workspace.ts";

const workspace = makeWorkspace();
const damaged = join(workspace.folder, "damaged.jsonl");
let workbench: Workbench;

beforeAll(async () => {
  const [first, second, third] = readFileSync(
    join(workspace.folder, "first-run", "worked-example.jsonl"),
    "utf8",
  ).split("\n");
  // CRLF, a bad line, a bare NaN, and a last line that is torn.
  const nan = third!.replace('"reward":0,', '"reward":NaN,');
  writeFileSync(damaged, `\uFEFF${first}\r\n{"oops": \n${second}\n${nan}\n${first!.slice(0, 200)}`);
  writeFileSync(join(workspace.folder, "binary.jsonl"), new Uint8Array([0, 1, 2, 3, 255]));
  workbench = await Workbench.open({ workspace: workspace.folder, vsix: workspace.vsix });
});

afterAll(async () => {
  await workbench?.close();
  workspace.remove();
});

test("what can be read of a damaged log is shown, and each damage stands in the tree with its line", async () => {
  await workbench.palette("RewardLens: Open Rollouts…");
  await workbench.pick("damaged.jsonl");
  await workbench.until(
    async () => (await workbench.treeRows()).some((row) => row.includes("3 problems")),
    "the damage in the tree",
  );
  await workbench.expandRow("3 problems");
  const rows = await workbench.until(async () => {
    const all = await workbench.treeRows();
    return all.some((row) => row.startsWith("line 5")) ? all : null;
  }, "its lines");
  expect(rows.find((row) => row.startsWith("line 2"))).toContain("left out");
  expect(rows.find((row) => row.startsWith("line 4"))).toContain("NaN");
  expect(rows.find((row) => row.startsWith("line 5"))).toContain("not complete");
  await workbench.expandRow("Ben has 23");
  await workbench.until(
    async () => (await workbench.treeRows()).filter((row) => row.startsWith("rollout")).length === 3,
    "three rollouts",
  );
  expect((await workbench.treeRows()).find((row) => row.startsWith("rollout 3"))).toContain("no reward");
  await workbench.screenshot(join(results, "damage-dark.png"));
});

test("a file that is no log is one message that says what is read, and no dialog", async () => {
  await workbench.palette("RewardLens: Open Rollouts…");
  await workbench.pick("binary.jsonl");
  await workbench.until(
    async () => (await workbench.treeRows()).some((row) => row.includes("binary.jsonl")),
    "the file in the tree",
  );
  expect(await workbench.dialogs()).toBe(0);
  expect(await workbench.notifications()).toEqual([]);
});

test("a trace follows its file when that is replaced while open", async () => {
  await workbench.clickRow("113 tokens");
  await workbench.until(
    async () => (await workbench.editorLines()).some((line) => line.includes("23 + 108 = 141")),
    "the trace",
  );
  const text = readFileSync(damaged, "utf8").replace(
    "He gives away 11: 141 - 11 = 130.",
    "He gives away 12: 141 - 12 = 129.",
  );
  writeFileSync(damaged, text);
  await workbench.until(
    async () => (await workbench.editorLines()).some((line) => line.includes("141 - 12 = 129")),
    "the new text",
  );
  await workbench.until(async () => (await workbench.backgrounds()).length > 0, "its credit");
});

test("a rollout that is gone leaves a readable message, and the rest goes on", async () => {
  const [, ...others] = readFileSync(damaged, "utf8").split("\n");
  writeFileSync(damaged, `${others.filter((line) => !line.includes("pencils-2")).join("\n")}`);
  await workbench.palette("RewardLens: Refresh Rollouts");
  await workbench.until(
    async () => !(await workbench.treeRows()).some((row) => row.includes("113 tokens")),
    "a tree without it",
  );
  await workbench.clickRow("55 tokens");
  await workbench.until(
    async () => (await workbench.editorLines()).some((line) => line.includes("4 × 27 = 98")),
    "the other trace",
  );
  expect(await workbench.dialogs()).toBe(0);
});

test("a native log written by hand is completed from its schema", async () => {
  writeFileSync(join(workspace.folder, "own.jsonl"), '{"schema":"rewardlens/1",}\n');
  await workbench.openFile("own.jsonl");
  await workbench.until(async () => {
    await workbench.page.keyboard.press("End");
    return (await workbench.statusBar()).includes("Col 27");
  }, "the end of the line");
  await workbench.page.keyboard.press("ArrowLeft");
  await workbench.page.keyboard.type('"');
  await workbench.page.keyboard.press("Control+Space");
  const offered = (): Promise<string[]> =>
    workbench.page.locator(".suggest-widget.visible .monaco-list-row").allInnerTexts();
  await workbench.until(
    async () => (await offered()).some((item) => item.includes("group")),
    "fields of the schema",
  );
});

test("and what is wrong with it is underlined, with the reason in Problems", async () => {
  writeFileSync(
    join(workspace.folder, "wrong.jsonl"),
    '{"schema":"rewardlens/1","turns":[{"role":"user","content":"x"}]}\n{"schema":"rewardlens/1","train_step":"one","turns":[]}\n',
  );
  await workbench.page.keyboard.press("Escape");
  await workbench.openFile("wrong.jsonl");
  await workbench.until(
    async () =>
      (await workbench.page.locator(".editor-group-container.active .squiggly-warning").count()) === 1,
    "one warning, at the field that is wrong",
  );
  await workbench.palette("Problems: Focus on Problems View");
  const problems = workbench.page.locator(".markers-panel .monaco-list-row");
  const rows = await workbench.until(async () => {
    const texts = await problems.allInnerTexts();
    return texts.some((text) => text.includes("rewardlens/1")) ? texts : null;
  }, "its reason");
  expect(rows.join(" ")).toContain("integer");
});
