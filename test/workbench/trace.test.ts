import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatNumber } from "../../src/core/stats/formatNumber.ts";
import { chooseMethod } from "./harness/rollouts.ts";
import { Workbench } from "./harness/workbench.ts";
import { commandLine, makeWorkspace, results } from "./harness/workspace.ts";

const workspace = makeWorkspace();
const log = join(workspace.folder, "first-run", "worked-example.jsonl");
let workbench: Workbench;

beforeAll(async () => {
  workbench = await Workbench.open({ workspace: workspace.folder, vsix: workspace.vsix });
});

afterAll(async () => {
  await workbench?.close();
  workspace.remove();
});

interface NativeLine {
  readonly id: string;
  readonly turns: readonly {
    readonly content: string;
    readonly tokens?: { readonly offsets: readonly [number, number][] };
  }[];
}

/** What the command line prints for a token of a rollout, named by its text. */
function printed(id: string, text: string, method: string): number {
  const lines = readFileSync(log, "utf8").trim().split("\n");
  const { turns } = JSON.parse(
    lines.find((line) => (JSON.parse(line) as NativeLine).id === id)!,
  ) as NativeLine;
  const turn = turns.findIndex(({ tokens }) => tokens !== undefined);
  const { content, tokens } = turns[turn]!;
  const token = tokens!.offsets.findIndex(([from, to]) => content.slice(from, to).trim() === text);
  const [line] = commandLine("credit", log, "--method", method, "--id", `${log}::${id}`);
  return (line!["turns"] as { tokens: (number | null)[] }[])[turn]!.tokens[token]!;
}

async function choose(method: string): Promise<void> {
  await chooseMethod(workbench, method);
  await workbench.until(
    async () => (await workbench.statusBar()).includes(` ${method} `),
    `${method} in the status bar`,
  );
}

describe("a verl dump", () => {
  test("opens from the Rollouts view as a run of train steps, groups and rollouts", async () => {
    await workbench.palette("RewardLens: Open Rollouts…");
    await workbench.pick("verl-run/rollouts/1.jsonl");
    await workbench.until(
      async () => (await workbench.treeRows()).some((row) => row.includes("step 1")),
      "train step in the tree",
    );
    await workbench.expandRow("step 1");
    const rows = await workbench.until(async () => {
      const all = await workbench.treeRows();
      return all.some((row) => row.startsWith("A baker makes")) ? all : null;
    }, "groups in the tree");
    expect(rows.find((row) => row.startsWith("A baker makes"))).toContain("1/4 · ±0.50");
    expect(rows.find((row) => row.startsWith("Mia reads"))).toContain("0/4 · no signal");
  });

  test("shows coloured steps, with a signed number at each", async () => {
    await workbench.expandRow("A baker makes");
    await workbench.clickRow("rollout 4");
    await workbench.until(async () => (await workbench.backgrounds()).length > 0, "coloured steps");
    const marks = await workbench.marks();
    expect(marks.filter((mark) => mark.startsWith("▲ +1.50")).length).toBeGreaterThanOrEqual(3);
    expect((await workbench.editorLines()).join("\n")).toContain(
      "14 trays of 12 rolls are 14 * 12 = 168 rolls.",
    );
  });

  test("says what a method misses that cannot be computed from it", async () => {
    await workbench.palette("RewardLens: Choose Credit Method…");
    const itemFor = async (label: string): Promise<string> => {
      await workbench.page.locator(".quick-input-widget .input").first().fill(label);
      return workbench.until(
        async () => (await workbench.quickPickItems()).find((item) => item.trim().startsWith(label)) ?? null,
        `${label} among the methods`,
      );
    };
    await workbench.page.locator(".quick-input-title", { hasText: "Credit Method" }).first().waitFor();
    await workbench.quickPickItems();
    expect(await itemFor("GAE")).toContain("needs token.mask, token.values");
    expect(await itemFor("RLOO")).not.toContain("needs");
    await workbench.page.keyboard.press("Escape");
  });
});

describe("the hand-written log", () => {
  test("shows coloured tokens", async () => {
    await workbench.palette("RewardLens: Open Rollouts…");
    await workbench.pick("first-run/worked-example.jsonl");
    await workbench.until(
      async () => (await workbench.treeRows()).some((row) => row.startsWith("first-run")),
      "run in the tree",
    );
    await workbench.palette("Notifications: Clear All Notifications");
    await workbench.clickRow("first-run");
    const opened = async (): Promise<boolean> =>
      (await workbench.treeRows()).some((row) => row.startsWith("step 1reward 0.429"));
    if (!(await opened())) await workbench.clickRow("first-run");
    await workbench.expandRow("reward 0.429");
    await workbench.expandRow("Ben has 23");
    const row = async (): Promise<boolean> =>
      (await workbench.treeRows()).some((text) => text.includes("113 tokens"));
    await workbench.until(row, "rollouts in the tree");
    await workbench.clickRow("113 tokens");
    await workbench.until(
      async () => (await workbench.activeTab()).includes("pencils · rollout 2"),
      "the trace's tab",
    );
    await choose("GAE");
    await workbench.until(
      async () => (await workbench.backgrounds()).length >= 3,
      "tokens in several strengths",
    );
  });

  test("says in the hover the number that the command line prints", async () => {
    const hover = await workbench.hover("boxes of 27 pencils are");
    expect(hover).toContain("boxes");
    expect(hover).toMatch(/id \d+ · token \d+ of 113 · step 1 of 5 · turn 3/);
    expect(hover).toContain(`${formatNumber(printed("pencils-2", "boxes", "gae"))} credit`);
    expect(hover).toContain("A = r + γV⁺ − V + γλA⁺");
    expect(hover).toMatch(/value\s+0\.\d+/);
    await workbench.screenshot(join(results, "trace-hover-dark.png"));
  });

  test("changes colours and hover with the method", async () => {
    const before = await workbench.painted();
    const marks = await workbench.marks();
    await choose("TEMPO");
    await workbench.until(
      async () => JSON.stringify(await workbench.painted()) !== JSON.stringify(before),
      "other colours",
    );
    await workbench.until(
      async () => JSON.stringify(await workbench.marks()) !== JSON.stringify(marks),
      "other numbers",
    );
    const hover = await workbench.hover("boxes of 27 pencils are");
    expect(hover).toContain(`${formatNumber(printed("pencils-2", "boxes", "tempo"))} credit`);
    expect(hover).toContain("V(y≤t)");
  });

  test("toggles inline credit and keeps the text", async () => {
    const text = await workbench.editorLines();
    await workbench.palette("RewardLens: Toggle Inline Credit");
    await workbench.until(async () => (await workbench.backgrounds()).length === 0, "no colours");
    expect(await workbench.editorLines()).toEqual(text);
    await workbench.palette("RewardLens: Toggle Inline Credit");
    await workbench.until(async () => (await workbench.backgrounds()).length > 0, "colours again");
  });

  test("goes from step to step", async () => {
    await workbench.palette("RewardLens: Next Step");
    const first = await workbench.until(async () => {
      const line = await workbench.cursorLine();
      return line > 5 ? line : null;
    }, "cursor on the first step");
    await workbench.palette("RewardLens: Next Step");
    await workbench.until(async () => (await workbench.cursorLine()) > first, "a later step");
    await workbench.palette("RewardLens: Previous Step");
    await workbench.until(async () => (await workbench.cursorLine()) === first, "the step before");
  });

  test("comes back with its colours after a reload", async () => {
    await choose("GAE");
    await workbench.reload();
    await workbench.until(
      async () => (await workbench.activeTab()).includes("pencils · rollout 2"),
      "the trace's tab",
    );
    await workbench.until(async () => (await workbench.backgrounds()).length >= 3, "colours", 60_000);
    expect(await workbench.statusBar()).toContain("GAE");
    expect((await workbench.editorLines()).join("\n")).toContain("With the 23 he had: 23 + 108 = 141.");
  });

  test("looks as it should in dark, light and high contrast", async () => {
    await workbench.showRollouts();
    await workbench.until(async () => (await workbench.treeRows()).length > 0, "tree");
    for (const theme of ["light", "high-contrast", "dark"] as const) {
      await workbench.setTheme(theme);
      const painted = async (): Promise<boolean> =>
        theme === "high-contrast"
          ? (await workbench.painted()).some(({ underline }) => underline.startsWith("wavy"))
          : (await workbench.backgrounds()).length >= 3;
      await workbench.until(painted, `credit in ${theme}`);
      if (theme === "high-contrast") expect(await workbench.backgrounds()).toEqual([]);
      await workbench.hover("boxes of 27 pencils are");
      await workbench.screenshot(join(results, `trace-${theme}.png`));
    }
  });

  test("reveals its raw line in the log", async () => {
    await workbench.palette("View: Focus Active Editor Group");
    await workbench.palette("RewardLens: Reveal in Log");
    await workbench.until(
      async () => (await workbench.activeTab()).includes("worked-example.jsonl"),
      "the log's tab",
    );
    await workbench.until(async () => (await workbench.cursorLine()) === 2, "line 2");
  });

  test("has shown no dialog and no error", async () => {
    expect(await workbench.dialogs()).toBe(0);
    expect(await workbench.notifications()).toEqual([]);
  });
});
