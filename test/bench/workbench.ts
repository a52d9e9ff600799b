// In the real workbench: from a click to the text and to the first colour, and host time of an update while scrolling.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Workbench } from "../workbench/harness/workbench.ts";
import { makeWorkspace } from "../workbench/harness/workspace.ts";
import { nativeLine } from "./generate.mjs";
import { median, quantile } from "./median.mjs";
import { probeExtension } from "./probe.ts";

const sizes = [1_000, 10_000, 100_000] as const;
const repetitions = 8;

/** @returns lines for docs/performance.md */
export async function benchWorkbench(): Promise<string[]> {
  const workspace = makeWorkspace();
  const temporary = mkdtempSync(join(tmpdir(), "rewardlens-probe-"));
  const measured = join(temporary, "measured.json");
  const lines: string[] = [
    "| tokens | click to text | click to first colour | host time of an update while scrolling |",
    "| --: | --: | --: | --: |",
  ];
  const log = join(workspace.folder, "sizes.jsonl");
  writeFileSync(log, sizes.map((n) => `${nativeLine(`t${n}`, n)}\n`).join(""));
  const probe = probeExtension(join(temporary, "probe"), measured);
  const settings = { "rewardLens.credit.method": "gae", "workbench.editor.enablePreview": true };
  const workbench = await Workbench.open({
    workspace: workspace.folder,
    vsix: workspace.vsix,
    more: [probe],
    settings,
  });
  try {
    await workbench.palette("RewardLens: Open Rollouts…");
    await workbench.pick("sizes.jsonl");
    await workbench.until(
      async () => (await workbench.treeRows()).some((row) => row.startsWith("step 1")),
      "tree",
    );
    await workbench.expandRow("Question");
    let before = 0;
    for (const n of sizes) {
      const text: number[] = [];
      const color: number[] = [];
      for (let i = 0; i < repetitions + 1; i++) {
        const times = await openOnce(workbench, n);
        // The first time the log is parsed and the batch is computed; it is reported with the others' median below.
        text.push(times.text);
        color.push(times.color);
      }
      await scroll(workbench);
      await workbench.palette("Probe: Write Measurements");
      const all = await workbench.until(async () => {
        const { updates: values } = JSON.parse(readFileSync(measured, "utf8")) as { updates: number[] };
        return values.length > before || n === 1000 ? values : null;
      }, "measurements");
      const updates = all.slice(before);
      before = all.length;
      const show = (values: readonly number[]): string =>
        `${median(values).toFixed(0)} / ${quantile(values, 0.95).toFixed(0)} ms`;
      const host =
        updates.length === 0
          ? "none needed"
          : `${median(updates).toFixed(2)} / ${quantile(updates, 0.95).toFixed(2)} ms (${updates.length} updates)`;
      lines.push(
        `| ${n.toLocaleString("en-US")} | ${show(text.slice(1))} | ${show(color.slice(1))} (first time ${color[0]!.toFixed(0)}) | ${host} |`,
      );
    }
  } finally {
    await workbench.close();
    workspace.remove();
    rmSync(temporary, { recursive: true, force: true });
  }
  return lines;
}

/** Milliseconds from the click on a rollout to its text and to the first painted background, as the page sees them. */
async function openOnce(workbench: Workbench, n: number): Promise<{ text: number; color: number }> {
  await workbench.palette("View: Close All Editors");
  await workbench.until(async () => (await workbench.activeTab()) === "", "no editor");
  await workbench.page.evaluate(() => {
    const state = { clicked: 0, text: 0, color: 0 };
    Object.assign(globalThis, { bench: state });
    document.addEventListener("mousedown", () => (state.clicked = performance.now()), {
      capture: true,
      once: true,
    });
    const look = (): void => {
      const editor = document.querySelector(".editor-group-container.active .view-lines");
      if (state.text === 0 && (editor?.textContent ?? "").includes("assistant"))
        state.text = performance.now();
      const painted = document.querySelector('.editor-group-container.active .view-overlays [class*="ced-"]');
      if (state.color === 0 && painted !== null) state.color = performance.now();
      if (state.color === 0) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await workbench.clickRow(`${n} tokens`);
  return workbench.until(
    () =>
      workbench.page.evaluate(() => {
        const { clicked, text, color } = (
          globalThis as unknown as { bench: { clicked: number; text: number; color: number } }
        ).bench;
        return color === 0 ? null : { text: text - clicked, color: color - clicked };
      }),
    "the first colour",
  );
}

/** Two seconds of the wheel over the text. */
async function scroll(workbench: Workbench): Promise<void> {
  await workbench.page.mouse.move(900, 500);
  for (let i = 0; i < 60; i++) {
    await workbench.page.mouse.wheel(0, 100);
    await workbench.page.waitForTimeout(33);
  }
}
