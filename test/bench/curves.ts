// The curves panel in a real workbench: 20 series of 10,000 points, first paint and the time of a zoom's frames.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CurvesPanelPage } from "../workbench/harness/panel.ts";
import { Workbench } from "../workbench/harness/workbench.ts";
import { makeWorkspace } from "../workbench/harness/workspace.ts";
import { median, quantile } from "./median.mjs";

const series = 20;
const points = 10_000;
const wheels = 60;
/** All in one section, so that as many charts as fit are drawn at once. */
const name = (k: number): string => `actor/metric_${String(k).padStart(2, "0")}`;

function writeRun(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const lines = Array.from({ length: points }, (_, step) => {
    const data: Record<string, number> = {};
    for (let k = 0; k < series; k++)
      data[name(k)] =
        Math.round(1e4 * (Math.sin(step / (300 + 40 * k)) + 0.3 * Math.sin(step * 12.9898 * (k + 1)))) / 1e4;
    return JSON.stringify({ step, data });
  });
  writeFileSync(join(folder, "metrics.jsonl"), `${lines.join("\n")}\n`);
}

/** @returns lines for docs/performance.md */
export async function benchCurves(): Promise<string[]> {
  const workspace = makeWorkspace();
  const folder = join(workspace.folder, "large-curves");
  writeRun(folder);
  const workbench = await Workbench.open({ workspace: folder, vsix: workspace.vsix });
  const panel = new CurvesPanelPage(workbench);
  try {
    await workbench.palette("RewardLens: Open Rollouts…");
    await workbench.pick("large-curves");
    await workbench.until(async () => (await panel.pixels(name(0))).drawn > 0, "a drawn chart", 60_000);
    const paint = await panel.locator("body").evaluate(() => {
      const [mark] = performance.getEntriesByName("curves:firstPaint");
      return mark?.startTime ?? NaN;
    });
    const { x, y } = await panel.at(name(0), points / 2, { low: 0, high: points - 1 });
    await workbench.page.mouse.move(x, y);
    await workbench.page.keyboard.down("Control");
    for (let i = 0; i < wheels; i++) {
      await workbench.page.mouse.wheel(0, i < wheels / 2 ? -60 : 60);
      await workbench.page.waitForTimeout(40);
    }
    await workbench.page.keyboard.up("Control");
    await workbench.page.waitForTimeout(500);
    const frames = await panel
      .locator("body")
      .evaluate(() => [
        ...((globalThis as unknown as { __curves?: { frames: readonly number[] } }).__curves?.frames ?? []),
      ]);
    const visible = await panel.locator(".card canvas").count();
    const ms = (x: number): string => `${x.toFixed(1)} ms`;
    return [
      `| ${series} series × ${points.toLocaleString("en-US")} points, ${visible} charts | |`,
      "| --- | --: |",
      `| first paint, from the page's beginning | ${ms(paint)} |`,
      `| frame of a zoom, median / 95th percentile of ${frames.length} | ${ms(median(frames))} / ${ms(quantile(frames, 0.95))} |`,
    ];
  } finally {
    await workbench.close();
    workspace.remove();
  }
}
