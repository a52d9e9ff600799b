import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chooseMethod } from "./harness/rollouts.ts";
import { type Theme, Workbench } from "./harness/workbench.ts";
import { makeWorkspace, repository, results } from "./harness/workspace.ts";

const workspace = makeWorkspace();
let workbench: Workbench;

/** A log of short solutions without tokens: what a trainer dumps. */
function generate(name: string, rollouts: number, firstStep: number): string {
  const lines = Array.from({ length: rollouts }, (_, i) => {
    const [a, b] = [(i * 7) % 90, (i * 13) % 40];
    const wrong = i % 3 === 0 ? 1 : 0;
    const content = `Tom has ${a} + ${b} = ${a + b + wrong} apples.\n\nThe answer is ${a + b + wrong}.`;
    return JSON.stringify({
      schema: "rewardlens/1",
      id: `r${i}`,
      group: `p${i >> 3}`,
      train_step: firstStep + (i >> 10),
      reward: 1 - wrong,
      turns: [
        { role: "user", content: `${name} ${i}: Tom has ${a} apples. Tom buys ${b} more apples. How many?` },
        { role: "assistant", content },
      ],
    });
  });
  const path = join(workspace.folder, `${name}.jsonl`);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

beforeAll(async () => {
  process.env["REWARDLENS_CACHE"] = join(workspace.folder, "..", "cache");
  generate("many", 20_000, 1000);
  generate("killed", 24_000, 5000);
  const broken = join(workspace.folder, "..", "models", "broken");
  cpSync(join(repository, "media", "models", "arithmetic-starter"), broken, { recursive: true });
  truncateSync(join(broken, "model.onnx"), 10_000);
  const manifest = join(broken, "rewardlens.model.json");
  writeFileSync(manifest, readFileSync(manifest, "utf8").replaceAll("Arithmetic starter", "Broken model"));
  const settings = { "rewardLens.scorer.models": [join(broken, "..")] };
  workbench = await Workbench.open({ workspace: workspace.folder, vsix: workspace.vsix, settings });
});

afterAll(async () => {
  await workbench?.close();
  workspace.remove();
});

/** Opens a log and shows a rollout of it; rows are named by what they begin with. */
async function openLog(name: string, rows: { step: string; group: string; rollout: string }): Promise<void> {
  await workbench.palette("RewardLens: Open Rollouts…");
  await workbench.pick(name);
  await workbench.until(
    async () => (await workbench.treeRows()).some((row) => row.startsWith(rows.step)),
    `${rows.step} in the tree`,
  );
  await workbench.expandRow(rows.step);
  await workbench.expandRow(rows.group);
  await workbench.clickRow(rows.rollout);
  await workbench.until(async () => (await workbench.marks()).length > 0, "numbers at the steps");
}

/** Closes the traces and a run, so that the next one stands alone in the tree. */
async function closeRun(name: string): Promise<void> {
  await workbench.palette("View: Close All Editors");
  await workbench.showRollouts();
  const row = workbench.page
    .locator(".tree-explorer-viewlet-tree-view .monaco-list-row", { hasText: name })
    .first();
  // The tree draws only what is in view: with all its rows open, a run's own may be above that.
  // Beside another view, a view's actions show while the pointer is over it.
  await workbench.page.locator('.pane-header[aria-label^="Rollouts"]').first().hover();
  await workbench.page.locator(".action-label.codicon-collapse-all").first().click();
  await workbench.until(async () => {
    if ((await workbench.treeRows()).length === 0) return true;
    await row.waitFor({ timeout: 2000 });
    await row.hover();
    await row.locator(".action-label.codicon-close").first().click({ timeout: 2000 });
    return false;
  }, `${name} closed`);
}

async function rescore(): Promise<void> {
  await workbench.palette("RewardLens: Re-score with Model…");
  await workbench.pick("Arithmetic starter");
}

const said = async (pattern: RegExp, what: string, timeoutMs = 120_000): Promise<string> =>
  workbench.until(
    async () => (await workbench.notifications()).find((text) => pattern.test(text)) ?? null,
    what,
    timeoutMs,
  );

/** Presses a button of a notification, which may have left the screen for the notification centre. */
async function press(text: string, button: string): Promise<void> {
  await workbench.palette("Notifications: Show Notifications");
  await workbench.page
    .locator(".notification-list-item", { hasText: text })
    .locator(".monaco-button", { hasText: button })
    .first()
    .click();
}

async function clearNotifications(): Promise<void> {
  await workbench.palette("Notifications: Clear All Notifications");
}

/** What the command line finds of a log's scores: the last line it says of a scoring. */
function scoredByCommandLine(name: string): Record<string, unknown> {
  const program = join(repository, "dist", "cli.js");
  const log = join(workspace.folder, `${name}.jsonl`);
  const out = join(workspace.folder, "..", `${name}.scored.jsonl`);
  const args = [program, "score", log, "--model", "arithmetic-starter", "--out", out];
  const { stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  return JSON.parse(stderr.trim().split("\n").at(-1)!) as Record<string, unknown>;
}

/** Pids of the scorer's processes of this workbench, the oldest first. */
function scorerPids(): readonly number[] {
  try {
    const found = execFileSync("pgrep", ["-f", "scorer\\.cjs"], { encoding: "utf8" });
    return found.trim().split("\n").map(Number);
  } catch {
    return [];
  }
}

describe("re-scoring the sample run", () => {
  test("changes the numbers at the steps: the slip is where the score is low", async () => {
    await openLog("grpo-run/rollouts.jsonl", {
      step: "step 1",
      group: "At first James has 15",
      rollout: "rollout 3",
    });
    const before = await workbench.marks();
    await rescore();
    await said(/of 640 rollouts scored on/, "the report");
    const after = await workbench.until(async () => {
      const marks = await workbench.marks();
      return marks.some((mark) => mark.includes("PRM")) ? marks : null;
    }, "scores at the steps");
    expect(after).not.toEqual(before);
    const scores = after.flatMap((mark) => /PRM ([\d.]+)/.exec(mark)?.[1] ?? []).map(Number);
    // 15 × 3 = 45 and 45 + 7 = 52 are right, 52 + 15 = 107 is not.
    expect(scores.length).toBe(4);
    expect(Math.min(scores[0]!, scores[1]!)).toBeGreaterThan(0.5);
    expect(scores[2]!).toBeLessThan(0.5);
    await workbench.screenshot(join(results, "rescored-sample-run.png"));
    await press("rollouts scored", "Back to GRPO");
    await workbench.until(async () => (await workbench.statusBar()).includes(" GRPO "), "GRPO again");
    await clearNotifications();
    await closeRun("grpo-run");
  });
});

describe("re-scoring a log without tokens", () => {
  test("changes the numbers at the steps, and says with what and on which device", async () => {
    await openLog("verl-run/rollouts/1.jsonl", {
      step: "step 1",
      group: "A baker makes",
      rollout: "rollout 4",
    });
    const before = await workbench.marks();
    await rescore();
    await said(/rollouts scored on the (CPU|CUDA|WEBGPU)/, "the report");
    // Something else may be painted on the way.
    await workbench.until(async () => {
      const marks = await workbench.marks();
      return marks.some((mark) => /[▲▼]/.test(mark)) && marks.join() !== before.join();
    }, "new numbers at the steps, and which are high or low");
    const status = await workbench.statusBar();
    expect(status).toMatch(/Arithmetic starter · (CPU|CUDA|WEBGPU)/);
    expect(status).toContain("PURE");
  });

  test("shows in the hover which model said what, token by token", async () => {
    const text = await workbench.hover("168");
    expect(text).toContain("arithmetic-starter");
    expect(text).toMatch(/PRM score|prm/);
    for (const theme of ["light", "high-contrast", "dark"] satisfies Theme[]) {
      await workbench.setTheme(theme);
      await workbench.hover("168");
      await workbench.screenshot(join(results, `rescored-${theme}.png`));
    }
  });

  test("is still there after a reload", async () => {
    const before = await workbench.marks();
    await workbench.reload();
    await workbench.until(
      async () => (await workbench.marks()).join() === before.join(),
      "the numbers again",
      60_000,
    );
    expect(await workbench.statusBar()).toContain("Arithmetic starter");
  });

  test("with a model that is damaged says which file, and changes nothing", async () => {
    await clearNotifications();
    const before = await workbench.marks();
    await workbench.palette("RewardLens: Re-score with Model…");
    await workbench.pick("Broken model");
    const message = await said(/model\.onnx: is cut off/, "what is wrong");
    expect(message).toContain("Copy the file again");
    expect(await workbench.statusBar()).toContain("Arithmetic starter");
    expect(await workbench.dialogs()).toBe(0);
    expect(await workbench.marks()).toEqual(before);
    await clearNotifications();
  });

  test("can be taken back", async () => {
    // Everything is kept by now: the second time only the report is new.
    await chooseMethod(workbench, "GRPO");
    await rescore();
    await press("rollouts scored", "Back to GRPO");
    await workbench.until(async () => (await workbench.statusBar()).includes(" GRPO "), "GRPO again");
    await clearNotifications();
    await closeRun("1.jsonl");
  });
});

describe("20,000 rollouts", () => {
  test("cancelled on the way keep what was scored, and a second start does only the rest", async () => {
    await openLog("many.jsonl", { step: "step 1000", group: "many 0:", rollout: "rollout 1" });
    await rescore();
    const progress = workbench.page.locator(".notification-list-item", { hasText: "Scoring with" });
    await workbench.until(
      async () => /([2-9],\d{3}|1\d,\d{3}) of 20,000/.test((await workbench.notifications()).join(" ")),
      "some thousands scored",
      120_000,
    );
    await progress.hover();
    await progress.locator(".monaco-button", { hasText: "Cancel" }).first().click();
    const kept = await said(/scoring was cancelled/, "the word that it was cancelled");
    const count = Number(
      /([\d,]+) of 20,000 rollouts are scored and kept/.exec(kept)![1]!.replaceAll(",", ""),
    );
    expect(count).toBeGreaterThan(1000);
    expect(count).toBeLessThan(20_000);
    expect((await workbench.marks()).length).toBeGreaterThan(0);
    await press("was cancelled", "Score the Rest");
    const report = await said(/of 20,000 rollouts scored on/, "the second report", 240_000);
    const before = Number(/([\d,]+) were scored before/.exec(report)![1]!.replaceAll(",", ""));
    expect(before).toBeGreaterThanOrEqual(count);
    expect(before).toBeLessThan(20_000);
    expect(report).toContain(`${(20_000 - before).toLocaleString("en")} of 20,000 rollouts scored`);
    await clearNotifications();
    await closeRun("many.jsonl");
  });

  test("share their scores with the command line", () => {
    expect(scoredByCommandLine("many")).toMatchObject({ trajectories: 20_000, cached: 20_000, tokens: 0 });
  });
});

async function retry(): Promise<void> {
  await press("start again", "Retry");
  await workbench.until(
    async () => !(await workbench.notifications()).some((text) => text.includes("start again")),
    "the message gone",
  );
}

describe("the scorer's processes, killed twenty times", () => {
  test("lose nothing and leave a working editor", async () => {
    await openLog("killed.jsonl", { step: "step 5000", group: "killed 0:", rollout: "rollout 1" });
    await rescore();
    const killed = new Set<number>();
    while (killed.size < 20) {
      // A process that dies again and again before it has scored anything is given up: the message offers to retry.
      const words = (await workbench.notifications()).join(" ");
      if (words.includes("start again")) await retry();
      expect(words).not.toContain("rollouts scored on");
      const pid = scorerPids().find((one) => !killed.has(one));
      await workbench.page.waitForTimeout(150 + 20 * killed.size);
      if (pid === undefined) continue;
      process.kill(pid, "SIGKILL");
      killed.add(pid);
    }
    for (let tries = 0; tries < 10; tries++) {
      const word = await said(/of 24,000 rollouts scored on|start again/, "an end", 180_000);
      if (word.includes("rollouts scored on")) break;
      await retry();
    }
    expect(scoredByCommandLine("killed")).toMatchObject({ trajectories: 24_000, cached: 24_000, tokens: 0 });
    expect(await workbench.dialogs()).toBe(0);
    expect(await workbench.hover("The answer")).toContain("arithmetic-starter");
    expect(workbench.errors).toEqual([]);
    await clearNotifications();
  });

  test("are not asked again for what they have scored", async () => {
    await chooseMethod(workbench, "GRPO");
    await rescore();
    expect(await said(/24,000 were scored before/, "the report")).toContain("0 of 24,000 rollouts scored");
    await clearNotifications();
  });
});

describe("what a model reads", () => {
  test("is shown token by token, with the marks and the scores read at them", async () => {
    await workbench.palette("RewardLens: Dry Run of Model…");
    await workbench.pick("Arithmetic starter");
    await workbench.until(
      async () => (await workbench.activeTab()).includes("Dry run"),
      "the dry run",
      60_000,
    );
    const lines = await workbench.until(async () => {
      const shown = await workbench.editorLines();
      return shown.some((line) => line.includes("<step>")) ? shown : null;
    }, "its lines");
    const text = lines.join("\n");
    expect(text).toContain("read at the mark");
    expect(text).toMatch(/read at position \d+: \[.*\] → 0\.\d+/);
    for (const theme of ["light", "high-contrast", "dark"] satisfies Theme[]) {
      await workbench.setTheme(theme);
      await workbench.screenshot(join(results, `dry-run-${theme}.png`));
    }
  });

  test("and what this machine can run it on is told in a report", async () => {
    await workbench.palette("RewardLens: Show Scorer Report");
    const text = await workbench.until(
      async () => {
        const shown = (await workbench.editorLines()).join("\n");
        return (await workbench.activeTab()).includes("Scorer report") && shown !== "" ? shown : null;
      },
      "the report",
      120_000,
    );
    expect(text).toMatch(/onnxruntime/);
    expect(text).toMatch(/cpu/i);
    await workbench.screenshot(join(results, "scorer-report.png"));
  });

  test("leaves the run as it was", () => closeRun("killed.jsonl"));
});

describe("a verifier", () => {
  test("judges the steps without a model, and says in the hover why", async () => {
    await openLog("verl-run/rollouts/1.jsonl", {
      step: "step 1",
      group: "A baker makes",
      rollout: "rollout 1",
    });
    await workbench.palette("RewardLens: Re-score with Model…");
    await workbench.pick("Arithmetic", { exact: true });
    await said(/rollouts scored on the CPU/, "the report");
    await workbench.until(async () => {
      const marks = await workbench.marks();
      return (
        marks.some((mark) => /PRM 1(\.0+)?\b/.test(mark)) && marks.some((mark) => /PRM 0(\.0+)?\b/.test(mark))
      );
    }, "a right and a wrong step");
    expect(await workbench.hover("158")).toMatch(/Arithmetic: ✗ [^·]*168/);
    await workbench.screenshot(join(results, "verified.png"));
    await clearNotifications();
    await closeRun("1.jsonl");
  });
});
