import { appendFileSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CurvesPanelPage } from "./harness/panel.ts";
import { Workbench } from "./harness/workbench.ts";
import { makeWorkspace, results } from "./harness/workspace.ts";

const workspace = makeWorkspace();
/** Opened alone, so that all logs in it are one run. */
const folder = join(workspace.folder, "curve-run");
const hostile = "<img src=x onerror=alert(1)>/<b>loss</b>";
const nSteps = 40;
const all = { low: 1, high: nSteps };
let workbench: Workbench;
let panel: CurvesPanelPage;

/** Curves of a run that logged rollouts at its first three steps. */
function writeRun(): void {
  mkdirSync(folder, { recursive: true });
  cpSync(join(workspace.folder, "verl-run", "rollouts"), join(folder, "rollouts"), { recursive: true });
  const lines = Array.from({ length: nSteps }, (_, i) => {
    const step = i + 1;
    const wave = Math.sin(step * 2.4);
    const data = {
      "critic/rewards/mean": 0.2 + 0.5 * (1 - Math.exp(-step / 12)) + 0.03 * wave,
      "response_length/mean": 220 + 6 * step + 15 * wave,
      "actor/kl_loss": step < 4 ? 0 : 0.0004 * step + 0.0005 * wave,
      "actor/entropy": step === 20 ? null : 0.9 * Math.exp(-step / 15) + 0.1,
      "actor/grad_norm": step === 31 ? 14.2 : 0.6 + 0.1 * wave,
      "actor/pg_loss": 0.02 * wave,
      [hostile]: wave,
    };
    return JSON.stringify({ step, data }).replace('"actor/entropy":null', '"actor/entropy":NaN');
  });
  // Another run in the same folder, started again at step 15.
  const other = Array.from({ length: 30 }, (_, i) => {
    const step = i < 20 ? i + 1 : i - 5;
    return JSON.stringify({ run: "baseline", step, "critic/rewards/mean": 0.2 + 0.008 * step });
  });
  writeFileSync(join(folder, "baseline.jsonl"), `${other.join("\n")}\n`);
  // The last line was being written when the trainer was killed.
  writeFileSync(join(folder, "metrics.jsonl"), `${lines.join("\n")}\n{"step": 41, "data": {"critic/rew`);
}

beforeAll(async () => {
  writeRun();
  workbench = await Workbench.open({ workspace: folder, vsix: workspace.vsix });
  panel = new CurvesPanelPage(workbench);
});

afterAll(async () => {
  await workbench?.close();
  workspace.remove();
});

async function steps(): Promise<readonly string[]> {
  return (await workbench.treeRows()).filter((row) => /^step \d/.test(row));
}

async function hasStatus(text: string | RegExp): Promise<void> {
  await workbench.until(
    async () => {
      const status = await panel.status();
      return typeof text === "string" ? status.includes(text) : text.test(status);
    },
    `"${String(text)}" in the panel`,
  );
}

async function showPanel(): Promise<void> {
  await workbench.palette("RewardLens: Show Training Curves");
  await workbench.until(async () => (await workbench.activeTab()).includes("Training Curves"), "the panel");
  await workbench.until(async () => (await panel.pixels("critic/rewards/mean")).drawn > 0, "a drawn chart");
}

describe("the curves of a run", () => {
  test("without a run, the panel says what it would read", async () => {
    await workbench.palette("RewardLens: Show Training Curves");
    await workbench.until(
      async () => (await panel.locator(".empty").innerText()).includes("No run is open"),
      "words for an empty panel",
    );
    expect(await panel.locator(".empty").innerText()).toContain("TensorBoard event files");
  });

  test("are drawn as soon as the run is open", async () => {
    await workbench.palette("RewardLens: Open Rollouts…");
    await workbench.pick("all logs in it as one run");
    await workbench.until(async () => (await steps()).length === 3, "three train steps in the tree");
    await showPanel();
    const { drawn, colors } = await panel.pixels("critic/rewards/mean");
    expect(drawn).toBeGreaterThan(300);
    expect(colors).toBeGreaterThan(2);
    await hasStatus("Steps 1 to 40 · 7 metrics");
    const titles = await panel.locator("main h2").allInnerTexts();
    expect(titles.map((title) => title.split("\n")[0])).toEqual([
      "Overview",
      "critic",
      "response_length",
      "actor",
      "<img src=x onerror=alert(1)>",
    ]);
  });

  test("show the hostile name of a metric as text", async () => {
    const card = panel.locator(".card h3", { hasText: "<b>loss</b>" });
    expect(await card.count()).toBe(1);
    expect(await panel.locator("img").count()).toBe(0);
  });

  test("say what is not a number, and what could not be read", async () => {
    expect(await panel.card("actor/entropy").innerText()).toContain("1 NaN or ∞");
    expect(await panel.locator(".problems").innerText()).toContain("1 problem in metrics.jsonl");
  });

  test("name every value at the step under the pointer, in every chart", async () => {
    const { x, y } = await panel.at("critic/rewards/mean", 31, all);
    await workbench.page.mouse.move(x - 4, y);
    await workbench.page.mouse.move(x, y, { steps: 3 });
    await workbench.until(
      async () => (await panel.card("actor/grad_norm").innerText()).includes("step 31"),
      "the step in another chart",
    );
    expect(await panel.card("actor/grad_norm").innerText()).toContain("14.2");
  });

  test("lead from a point to the rollouts of its step", async () => {
    await panel.click("critic/rewards/mean", 2, all);
    await hasStatus("Step 2 is selected");
    await workbench.until(async () => (await steps()).length === 1, "one train step in the tree");
    expect((await steps())[0]).toContain("step 2");
    await workbench.until(
      async () => (await workbench.treeRows()).some((row) => row.includes("/4 · ")),
      "the step's groups",
    );
  });

  test("name the nearest logged step where there are no rollouts, and offer it", async () => {
    await panel.click("critic/rewards/mean", 30, all);
    await hasStatus("No rollouts were logged at step 30. The nearest logged step is 3.");
    await panel.locator(".status vscode-button", { hasText: "Show Step 3" }).click();
    await hasStatus("Step 3 is selected");
    await workbench.until(async () => (await steps())[0]?.includes("step 3") === true, "step 3 in the tree");
  });

  test("mark the train step of the trace that is shown", async () => {
    const group = await workbench.until(
      async () => (await workbench.treeRows()).find((row) => row.includes("/4 · ")),
      "the step's groups",
    );
    await workbench.expandRow(group.slice(0, 16));
    await workbench.clickRow("rollout 1");
    await workbench.until(async () => (await workbench.activeTab()).includes("rollout 1"), "the trace's tab");
    await showPanel();
    await workbench.until(
      async () => (await panel.card("actor/pg_loss").locator(".trace span").innerText()).includes("step 3"),
      "the trace's step in a chart",
    );
  });

  test("give all steps back when the step is cleared", async () => {
    await panel.locator(".status vscode-button", { hasText: "Clear" }).click();
    await workbench.until(async () => (await steps()).length === 3, "all train steps in the tree");
    await hasStatus("Click a point");
  });

  test("lie over each other, the attempts of one run apart; a run can be switched off", async () => {
    const card = panel.card("critic/rewards/mean");
    const text = await card.innerText();
    expect(text).toContain("baseline");
    expect(text).toContain("2 attempts");
    const baseline = panel.locator(".legend vscode-checkbox", { hasText: "baseline" });
    await baseline.click();
    await workbench.until(async () => !(await card.innerText()).includes("baseline"), "one run alone");
    await baseline.click();
    await workbench.until(async () => (await card.innerText()).includes("baseline"), "both runs");
  });

  test("are smoothed with the raw value beside", async () => {
    await panel.locator(".slider input").evaluate((range) => {
      (range as HTMLInputElement).value = "0.6";
      range.dispatchEvent(new Event("input"));
    });
    const card = panel.card("actor/grad_norm");
    await workbench.until(async () => /raw\s+smoothed/.test(await card.innerText()), "both values");
  });

  test("zoom together", async () => {
    await panel.drag("critic/rewards/mean", { from: 10, to: 30 }, all);
    await hasStatus(/Steps (9|10)(\.\d+)? to (29|30)(\.\d+)? ·/);
  });

  test("stay as they were when the panel is hidden and shown", async () => {
    await panel.click("critic/rewards/mean", 12, { low: 10, high: 30 });
    await hasStatus("No rollouts were logged at step 12");
    const before = (await panel.status()).split(" · ")[0];
    await workbench.page.locator(".tabs-container .tab", { hasText: "rollout 1" }).first().click();
    await workbench.until(async () => (await workbench.activeTab()).includes("rollout 1"), "the trace's tab");
    await showPanel();
    await hasStatus(before!);
  });

  test("come back after a reload with zoom and selection", async () => {
    await panel.locator(".toolbar vscode-button", { hasText: "Reset Zoom" }).click();
    await hasStatus("Steps 1 to 40");
    await panel.click("critic/rewards/mean", 1, all);
    await hasStatus("Step 1 is selected");
    await panel.drag("actor/entropy", { from: 1, to: 21 }, all);
    await hasStatus(/Steps 1 to (20|21)/);
    const before = await panel.status();
    await workbench.reload();
    await workbench.until(async () => (await panel.status()) === before, "the panel as it was", 60_000);
    await workbench.until(async () => (await panel.pixels("critic/rewards/mean")).drawn > 300, "lines");
  });

  test("look as they should in dark, light and high contrast", async () => {
    await panel.locator(".toolbar vscode-button", { hasText: "Reset Zoom" }).click();
    await workbench.showRollouts();
    await workbench.until(async () => (await steps()).length === 1, "the chosen step in the tree");
    for (const theme of ["light", "high-contrast", "dark"] as const) {
      await workbench.setTheme(theme);
      const { x, y } = await panel.at("critic/rewards/mean", 24, all);
      await workbench.page.mouse.move(x, y, { steps: 3 });
      await workbench.until(
        async () => (await panel.card("actor/entropy").innerText()).includes("step 24"),
        `values in ${theme}`,
      );
      await workbench.screenshot(join(results, `curves-${theme}.png`));
    }
  });

  test("grow with their file and move nobody", async () => {
    await panel.drag("critic/rewards/mean", { from: 10, to: 30 }, all);
    await hasStatus(/Steps (9|10)(\.\d+)? to (29|30)/);
    const [before] = (await panel.status()).split(" · ");
    const line = { step: 44, data: { "critic/rewards/mean": 0.93 } };
    appendFileSync(join(folder, "metrics.jsonl"), `ards/mean": 0.7}}\n${JSON.stringify(line)}\n`);
    await workbench.page.mouse.move(5, 300);
    await workbench.until(
      async () => (await panel.card("critic/rewards/mean").innerText()).includes("0.93"),
      "the new value",
    );
    await hasStatus(before!);
    await panel.locator(".toolbar vscode-button", { hasText: "Reset Zoom" }).click();
    await hasStatus("Steps 1 to 44");
    expect(await panel.locator(".problems").innerText()).toBe("");
  });

  test("have shown no dialog and no error", async () => {
    expect(await workbench.dialogs()).toBe(0);
    expect(await workbench.notifications()).toEqual([]);
    expect(workbench.errors).toEqual([]);
  });
});
