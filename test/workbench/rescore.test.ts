import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Theme, Workbench } from "./harness/workbench.ts";
import { commandLine, makeWorkspace, results } from "./harness/workspace.ts";

const workspace = makeWorkspace();
let workbench: Workbench;

/** A log of short solutions without tokens: what a trainer dumps. */
function generate(name: string, rollouts: number): string {
  const lines = Array.from({ length: rollouts }, (_, i) => {
    const [a, b] = [(i * 7) % 90, (i * 13) % 40];
    const wrong = i % 3 === 0 ? 1 : 0;
    const content = `Tom has ${a} + ${b} = ${a + b + wrong} apples.\n\nThe answer is ${a + b + wrong}.`;
    return JSON.stringify({
      schema: "rewardlens/1",
      id: `r${i}`,
      group: `p${i >> 3}`,
      train_step: i >> 10,
      reward: 1 - wrong,
      turns: [
        { role: "user", content: `Tom has ${a} apples. Tom buys ${b} more apples. How many? (${name} ${i})` },
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
  generate("many", 20_000);
  generate("killed", 6_000);
  workbench = await Workbench.open({ workspace: workspace.folder, vsix: workspace.vsix });
});

afterAll(async () => {
  await workbench?.close();
  workspace.remove();
});

async function openLog(name: string, group: string, rollout: string): Promise<void> {
  await workbench.palette("RewardLens: Open Rollouts…");
  await workbench.pick(name);
  await workbench.until(
    async () => (await workbench.treeRows()).some((row) => row.includes("step ")),
    "steps",
  );
  await workbench.expandRow(
    /\bstep \d+/.exec((await workbench.treeRows()).find((row) => row.includes("step "))!)![0],
  );
  await workbench.expandRow(group);
  await workbench.clickRow(rollout);
  await workbench.until(async () => (await workbench.marks()).length > 0, "numbers at the steps");
}

async function closeRuns(): Promise<void> {
  await workbench.palette("View: Close All Editors");
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

async function clearNotifications(): Promise<void> {
  await workbench.palette("Notifications: Clear All Notifications");
}

/** Pid of the scorer's process of this workbench; null while there is none. */
function scorerPid(): number | null {
  try {
    return Number(execFileSync("pgrep", ["-n", "-f", "scorer\\.cjs"], { encoding: "utf8" }).trim());
  } catch {
    return null;
  }
}

describe("re-scoring a run", () => {
  test("changes the numbers at the steps, and says with what and on which device", async () => {
    await openLog("verl-run/rollouts/1.jsonl", "A baker makes", "rollout 4");
    const before = await workbench.marks();
    await rescore();
    await said(/rollouts scored on the (CPU|CUDA|WEBGPU)/, "the report");
    const after = await workbench.until(async () => {
      const marks = await workbench.marks();
      return marks.length > 0 && marks.join() !== before.join() ? marks : null;
    }, "new numbers at the steps");
    expect(after.some((mark) => /[▲▼]/.test(mark))).toBe(true);
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

  test("can be taken back", async () => {
    await workbench.page
      .locator(".notification-list-item", { hasText: "rollouts scored" })
      .locator(".monaco-button", { hasText: "Back to GRPO" })
      .first()
      .click();
    await workbench.until(async () => (await workbench.statusBar()).includes(" GRPO "), "GRPO again");
    await clearNotifications();
    await closeRuns();
  });
});

describe("20,000 rollouts", () => {
  test("cancelled on the way keep what was scored, and a second start does only the rest", async () => {
    await openLog("many.jsonl", "Tom has 0 apples", "rollout 1");
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
    await workbench.page
      .locator(".notification-list-item", { hasText: "was cancelled" })
      .locator(".monaco-button", { hasText: "Score the Rest" })
      .first()
      .click();
    const report = await said(/of 20,000 rollouts scored on/, "the second report", 240_000);
    const before = Number(/([\d,]+) were scored before/.exec(report)![1]!.replaceAll(",", ""));
    expect(before).toBeGreaterThanOrEqual(count);
    expect(before).toBeLessThan(20_000);
    expect(report).toContain(`${(20_000 - before).toLocaleString("en")} of 20,000 rollouts scored`);
    await clearNotifications();
    await closeRuns();
  });

  test("share their scores with the command line", () => {
    const lines = commandLine("score", join(workspace.folder, "many.jsonl"), "--model", "arithmetic-starter");
    expect(lines.length).toBe(20_000);
  });
});

describe("a scorer's process that is killed ten times", () => {
  test("loses nothing and leaves a working editor", async () => {
    await openLog("killed.jsonl", "Tom has 0 apples", "rollout 1");
    await rescore();
    let last = -1;
    for (let kills = 0; kills < 10; kills++) {
      const pid = await workbench.until(
        async () => {
          const now = scorerPid();
          return now !== null && now !== last ? now : null;
        },
        `process ${kills + 1} of the scorer`,
      );
      await workbench.page.waitForTimeout(350);
      process.kill(pid, "SIGKILL");
      last = pid;
    }
    // Where it gave up in between, it says so and offers to go on.
    for (let tries = 0; tries < 10; tries++) {
      const word = await said(/of 6,000 rollouts scored on|kept; start again/, "an end", 180_000);
      if (word.includes("rollouts scored on")) break;
      await workbench.page
        .locator(".notification-list-item", { hasText: "start again" })
        .locator(".monaco-button", { hasText: "Retry" })
        .first()
        .click();
      await workbench.page.waitForTimeout(1000);
    }
    const lines = commandLine(
      "score",
      join(workspace.folder, "killed.jsonl"),
      "--model",
      "arithmetic-starter",
    );
    expect(lines.length).toBe(6000);
    expect(await workbench.dialogs()).toBe(0);
    expect(await workbench.hover("apples")).toContain("arithmetic-starter");
    expect(workbench.errors).toEqual([]);
  });
});
