import { cpSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chooseMethod, closeAll, openPath, showFirstRollout } from "./harness/rollouts.ts";
import { type Theme, Workbench } from "./harness/workbench.ts";
import { makeWorkspace, repository, results } from "./harness/workspace.ts";

const workspace = makeWorkspace();
const fixtures = join(repository, "test", "fixtures", "rollouts");
let workbench: Workbench;

/** Folders of fixtures as a run has them: without what the tests expect of them. */
const logs: Readonly<Record<string, string>> = {
  prime: "verifiers/rollouts/step_3/train",
  "prime/token_exports": "primeRlTokens/token_exports",
  nemo: "nemoRl/exp_001",
  atropos: "atropos",
  harbor: "harbor/jobs",
  processBench: "processBench",
  trl: "trl/run",
  inspect: "inspect",
};

beforeAll(async () => {
  for (const [name, from] of Object.entries(logs)) {
    const to = join(workspace.folder, "logs", name);
    mkdirSync(dirname(to), { recursive: true });
    const isLog = (path: string): boolean => !path.endsWith(".expected.json");
    cpSync(join(fixtures, from), to, { recursive: true, filter: isLog });
  }
  workbench = await Workbench.open({ workspace: workspace.folder, vsix: workspace.vsix });
});

afterAll(async () => {
  await workbench?.close();
  workspace.remove();
});

const at = (name: string): string => join(workspace.folder, "logs", name);

/** The last token that is shown by its id, hovered over. */
async function hoverLastId(): Promise<string> {
  const lines = await workbench.until(async () => {
    const all = await workbench.editorLines();
    return all.some((line) => line.startsWith("⊞")) ? all : null;
  }, "tokens by their ids");
  const strip = lines.findLastIndex((line) => line.startsWith("⊞"));
  const ids = lines[strip + 1]!.trim().split(" ");
  const last = ids.at(-1)!;
  // Ids may stand in the text too: the strip's own occurrence is the last before it and on its line.
  const before =
    lines
      .slice(0, strip + 1)
      .join("\n")
      .split(last).length - 1;
  const own = lines[strip + 1]!.split(last).length - 2;
  return workbench.hover(last, before + own);
}

describe("columns of tokens that have no text reach the hover", () => {
  test.each([
    ["nemo/train_data_step1.jsonl", ["advantage", "log π"]],
    ["atropos/groups_1.jsonl", ["token"]],
    ["harbor/2026-05-01__10-00-00/sum__aB3dE5f/result.json", ["log π"]],
    ["prime/effective/traces.jsonl", ["advantage", "log π"]],
    ["prime/token_exports/step_3/rank_0.jsonl", ["entropy", "importance_ratio", "advantage"]],
  ] as const)("%s", async (path, words) => {
    await openPath(workbench, at(path), "file");
    await showFirstRollout(workbench);
    await chooseMethod(workbench, "Logged advantages");
    const hover = await hoverLastId();
    for (const word of words) expect(hover).toContain(word);
    expect(hover).toMatch(/id \d+/);
    await workbench.screenshot(join(results, `format-${path.split("/")[0]}.png`));
    await closeAll(workbench);
  });
});

test("labels of steps stand at the steps, with and without credit, in every theme", async () => {
  await openPath(workbench, at("processBench/gsm8k.jsonl"), "file");
  await showFirstRollout(workbench);
  const marks = await workbench.until(async () => {
    const all = await workbench.marks();
    return all.some((mark) => mark.includes("wrong")) ? all : null;
  }, "labels at the steps");
  expect(marks.some((mark) => mark.includes("✓ right"))).toBe(true);
  expect(marks.some((mark) => mark.includes("✗ wrong"))).toBe(true);
  for (const theme of ["light", "high-contrast", "dark"] satisfies Theme[]) {
    await workbench.setTheme(theme);
    await workbench.screenshot(join(results, `labels-${theme}.png`));
  }
  await closeAll(workbench);
});

test("a table and an archive open as any other log", async () => {
  for (const path of [
    "trl/completions/completions_00010.parquet",
    "inspect/2026-08-22T10-00-00+00-00_arithmetic_tAsKiD.eval",
  ]) {
    await openPath(workbench, at(path), "file");
    await showFirstRollout(workbench);
    expect((await workbench.editorLines()).some((line) => line.startsWith("── "))).toBe(true);
    await workbench.screenshot(join(results, `format-${path.split("/")[0]}.png`));
    await closeAll(workbench);
  }
  expect(await workbench.dialogs()).toBe(0);
  expect(workbench.errors).toEqual([]);
});
