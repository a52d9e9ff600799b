import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeLog } from "../bench/generate.mjs";
import { closeAll, openPath } from "./harness/rollouts.ts";
import { Workbench } from "./harness/workbench.ts";
import { makeWorkspace, results } from "./harness/workspace.ts";

const workspace = makeWorkspace();
const live = join(workspace.folder, "live.jsonl");
const run = join(workspace.folder, "steps");
const large = join(workspace.folder, "large.jsonl");
/** A gigabyte and a little. */
const largeBytes = 1.02e9;
let lastAnswer = "";
let workbench: Workbench;

/** A line of a log that a trainer writes: rollouts of four a group, two groups a train step. */
function line(i: number, content = `Step ${i}.\n\nThe answer is ${i}.`): string {
  const step = 1 + (i >> 3);
  return JSON.stringify({
    schema: "rewardlens/1",
    id: `r${i}`,
    group: `g${step}-${(i >> 2) & 1}`,
    train_step: step,
    reward: i % 2,
    turns: [
      { role: "user", content: `Question ${step}-${(i >> 2) & 1}: how many?` },
      { role: "assistant", content },
    ],
  });
}

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, k) => `${line(from + k)}\n`).join("");

function verlLine(i: number): string {
  lastAnswer = `The last word of row ${i}.`;
  return JSON.stringify({
    input: `system\nReason.\nuser\nQuestion ${i >> 3}: how many are left?\nassistant\n`,
    output: `${"A step of some words, as models write them.\n\n".repeat(70)}${lastAnswer}`,
    gts: String(i),
    score: i % 2,
    step: 1 + (i >> 10),
    uid: `p${i >> 3}_${i & 7}_0`,
  });
}

beforeAll(async () => {
  writeFileSync(live, lines(0, 12));
  mkdirSync(run);
  writeFileSync(join(run, "1.jsonl"), lines(0, 8));
  writeLog(large, largeBytes, verlLine);
  workbench = await Workbench.open({ workspace: workspace.folder, vsix: workspace.vsix });
});

afterAll(async () => {
  await workbench?.close();
  workspace.remove();
});

async function open(name: string, row: string): Promise<void> {
  await workbench.palette("RewardLens: Open Rollouts…");
  await workbench.pick(name);
  await workbench.until(
    async () => (await workbench.treeRows()).some((text) => text.startsWith(row)),
    `${row} of ${name}`,
  );
}

const selected = (): Promise<readonly string[]> =>
  workbench.page.evaluate(() =>
    [...document.querySelectorAll(".tree-explorer-viewlet-tree-view .monaco-list-row.selected")].map((row) =>
      (row.textContent ?? "").trim(),
    ),
  );

describe("a log that grows", () => {
  test("shows its new rollouts, and moves nobody", async () => {
    await open("live.jsonl", "step 2");
    await workbench.expandRow("step 2");
    await workbench.expandRow("Question 2-0");
    await workbench.clickRow("rollout 3");
    await workbench.until(
      async () => (await workbench.editorLines()).join("\n").includes("answer is 10"),
      "its text",
    );
    const tab = await workbench.activeTab();
    // Half a line waits for its rest.
    const next = line(12);
    appendFileSync(live, next.slice(0, 60));
    await workbench.until(
      async () => (await workbench.treeRows()).some((row) => row.includes("1 problem")),
      "word of the torn line",
    );
    appendFileSync(live, `${next.slice(60)}\n${lines(13, 20)}`);
    await workbench.until(
      async () => (await workbench.treeRows()).some((row) => row.startsWith("step 3")),
      "the new train step",
    );
    const rows = await workbench.treeRows();
    expect(rows.some((row) => row.includes("problem"))).toBe(false);
    expect(rows.some((row) => row.startsWith("Question 2-1"))).toBe(true);
    // The rows that were open are open, the one that was selected is selected, and the trace is the same.
    expect(rows.filter((row) => row.startsWith("rollout"))).toHaveLength(4);
    expect((await selected()).some((row) => row.startsWith("rollout 3"))).toBe(true);
    expect(await workbench.activeTab()).toBe(tab);
    expect(await workbench.dialogs()).toBe(0);
  });

  test("keeps its filter", async () => {
    await workbench.palette("RewardLens: Filter Rollouts…");
    await workbench.type("step>=3");
    await workbench.until(
      async () => !(await workbench.treeRows()).some((row) => row.startsWith("step 2")),
      "the filter",
    );
    appendFileSync(live, lines(20, 30));
    await workbench.until(
      async () => (await workbench.treeRows()).some((row) => row.startsWith("step 4")),
      "another train step",
    );
    expect((await workbench.treeRows()).some((row) => row.startsWith("step 1"))).toBe(false);
    await workbench.palette("RewardLens: Clear Filter");
  });

  test("is followed when that is asked for", async () => {
    await workbench.palette("RewardLens: Follow Latest Rollouts");
    await workbench.until(
      async () => (await workbench.editorLines()).join("\n").includes("answer is 29"),
      "the latest rollout",
    );
    appendFileSync(live, lines(30, 33));
    await workbench.until(
      async () => (await workbench.editorLines()).join("\n").includes("answer is 32"),
      "the rollout that came",
    );
    await workbench.screenshot(join(results, "following-dark.png"));
    await workbench.palette("RewardLens: Stop Following");
    appendFileSync(live, lines(33, 34));
    await workbench.until(
      async () => (await workbench.treeRows()).some((row) => row.includes("34 rollouts")),
      "one more",
    );
    expect((await workbench.editorLines()).join("\n")).toContain("answer is 32");
  });

  test("that is written anew is read anew", async () => {
    writeFileSync(live, lines(0, 2));
    await workbench.until(
      async () => (await workbench.treeRows()).some((row) => row.includes("2 rollouts")),
      "what it holds now",
    );
    await workbench.until(
      async () => !(await workbench.treeRows()).some((row) => row.startsWith("step 2")),
      "the old rows gone",
    );
    await closeAll(workbench);
  });
});

test("a new file in a run's folder is a new train step", async () => {
  await openPath(workbench, run, "folder");
  await workbench.until(
    async () => (await workbench.treeRows()).some((row) => row.startsWith("step 1")),
    "its first train step",
  );
  writeFileSync(join(run, "2.jsonl"), lines(8, 16));
  await workbench.until(
    async () => (await workbench.treeRows()).some((row) => row.startsWith("step 2")),
    "its second train step",
  );
  await closeAll(workbench);
});

describe("a log of a gigabyte", () => {
  test("shows its first rollouts while it is read, and its last one in the end", async () => {
    await open("large.jsonl", "step 1");
    const list = workbench.page.locator(".tree-explorer-viewlet-tree-view .monaco-list").first();
    await workbench.until(
      async () =>
        !(await workbench.page.locator(".tree-explorer-viewlet-tree-view .message").allInnerTexts())
          .join()
          .includes("Reading"),
      "all of it read",
      120_000,
    );
    // The last row of all that is open, again and again: train step, group, rollout.
    await workbench.clickRow("step 1");
    for (const kind of ["step 288", "Question", "rollout"]) {
      const row = await workbench.until(async () => {
        await list.focus();
        await workbench.page.keyboard.press("End");
        const focused = workbench.page
          .locator(".tree-explorer-viewlet-tree-view .monaco-list-row.focused")
          .first();
        return (await focused.innerText()).trim().startsWith(kind) ? focused : null;
      }, `the last row, ${kind}`);
      if ((await row.getAttribute("aria-expanded")) === "false")
        await workbench.page.keyboard.press("ArrowRight");
    }
    await workbench.page.keyboard.press("Enter");
    await workbench.until(
      async () => (await workbench.editorLines()).length > 5 && (await workbench.activeTab()) !== "",
      "the last trajectory",
    );
    await workbench.page.locator(".editor-group-container.active .view-lines").first().click();
    await workbench.page.keyboard.press("Control+End");
    await workbench.until(
      async () => (await workbench.editorLines()).join("\n").includes(lastAnswer),
      `“${lastAnswer}” at its end`,
    );
    await workbench.screenshot(join(results, "gigabyte-dark.png"));
    expect(await workbench.dialogs()).toBe(0);
    expect(workbench.errors).toEqual([]);
    expect(readFileSync(live, "utf8")).not.toBe("");
  });
});
