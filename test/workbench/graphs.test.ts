import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Workbench } from "./harness/workbench.ts";
import { commandLine, makeWorkspace, repository, results } from "./harness/workspace.ts";

const workspace = makeWorkspace();
const model = join(workspace.folder, "..", "models", "graphs");
let workbench: Workbench;

beforeAll(async () => {
  process.env["REWARDLENS_CACHE"] = join(workspace.folder, "..", "cache");
  cpSync(join(repository, "media", "models", "arithmetic-starter"), model, { recursive: true });
  copyFileSync(join(model, "model.onnx"), join(model, "model_fp16.onnx"));
  const manifest = join(model, "rewardlens.model.json");
  writeFileSync(manifest, readFileSync(manifest, "utf8").replaceAll("Arithmetic starter", "Two graphs"));
  // A machine's setting is not read from a user's settings in a remote window, but from a workspace's it is.
  mkdirSync(join(workspace.folder, ".vscode"));
  const settings = JSON.stringify({ "rewardLens.scorer.models": [join(model, "..")] });
  writeFileSync(join(workspace.folder, ".vscode", "settings.json"), settings);
  workbench = await Workbench.open({ workspace: workspace.folder, vsix: workspace.vsix });
});

afterAll(async () => {
  await workbench?.close();
  workspace.remove();
});

/** Rows of the list of models that are of the model with two graphs. */
async function offered(): Promise<readonly string[]> {
  await workbench.palette("RewardLens: Re-score with Model…");
  // The rows of the palette stand there until the models are listed.
  const rows = await workbench.until(async () => {
    const shown = (await workbench.quickPickItems()).filter((row) => row.includes("Two graphs"));
    return shown.length > 0 ? shown : null;
  }, "the list of models");
  await workbench.page.keyboard.press("Escape");
  return rows.map((row) => row.replaceAll(/\s+/g, " "));
}

test("a graph is offered once a comparison has found that it holds, and the command line reads what was kept", async () => {
  await workbench.palette("RewardLens: Open Rollouts…");
  await workbench.pick("grpo-run/rollouts.jsonl");
  await workbench.until(async () => (await workbench.treeRows()).length > 0, "the run in the tree");
  const before = await offered();
  expect(before).toHaveLength(1);
  expect(before[0]).toContain("Also there: model_fp16.onnx; “Compare Graphs of Model…” says whether");
  await workbench.palette("RewardLens: Compare Graphs of Model…");
  await workbench.pick("Two graphs");
  const lines = await workbench.until(
    async () => {
      const shown = await workbench.editorLines();
      return shown.some((line) => line.includes("model_fp16.onnx: ")) ? shown : null;
    },
    "the report",
    60_000,
  );
  expect(await workbench.activeTab()).toContain("Graphs · arithmetic-starter");
  await workbench.screenshot(join(results, "graphs-compared.png"));
  const row = lines.find((line) => line.startsWith("model_fp16.onnx "));
  const [compared] = /\d+/.exec(row!.slice("model_fp16.onnx".length)) ?? [];
  expect(Number(compared)).toBeGreaterThanOrEqual(100);
  expect(lines.join("\n")).toContain("model_fp16.onnx: holds (0 % on the other side");
  const [own, other, ...more] = await offered();
  expect(more).toEqual([]);
  expect(own).not.toContain("Also there");
  expect(other).toContain("Two graphs (fp16)");
  expect(other).toContain(`0 of ${compared} steps on the other side`);
  // Everything was kept: nothing is computed again.
  const log = join(workspace.folder, "grpo-run", "rollouts.jsonl");
  const [line] = commandLine("models", model, "--compare", log);
  expect(line).toMatchObject({ compared: Number(compared), holds: true, device: null });
});
