import { describe, expect, test } from "vitest";
import type { Format } from "../../../src/core/format/format.ts";
import { mathShepherd } from "../../../src/core/format/formats/mathShepherd.ts";
import { prm800k } from "../../../src/core/format/formats/prm800k.ts";
import { processBench } from "../../../src/core/format/formats/processBench.ts";
import { rlhflowPrm } from "../../../src/core/format/formats/rlhflowPrm.ts";
import { trlStepwise } from "../../../src/core/format/formats/trlStepwise.ts";
import { sniffFormat } from "../../../src/core/format/registry.ts";
import type { Trajectory } from "../../../src/core/rollout/trajectory.ts";
import { headOfContent, idsOf, issuesOf, scanAll } from "./memorySource.ts";

async function one(format: Format, record: unknown): Promise<Trajectory> {
  return (await scanAll(format, JSON.stringify(record)))[0]!.trajectories[0]!;
}

/** The steps' texts with one of their columns. */
function steps({ turns }: Trajectory, name: string): unknown {
  const { content, steps: spans } = turns.at(-1)!;
  const column = spans.columns.get(name);
  return Array.from(spans.start, (from, k) => [content.slice(from, spans.end[k]), column?.[k]]);
}

test.each([
  ["prm800k", { labeler: "l", question: { problem: "p" }, label: { steps: [] } }],
  ["processBench", { id: "x", problem: "p", steps: [], final_answer_correct: true, label: -1 }],
  ["mathShepherd", { input: "q Step 1: a ки", label: "q Step 1: a +", task: "MATH" }],
  [
    "rlhflowPrm",
    {
      conversations: [
        { role: "user", content: "q" },
        { role: "assistant", content: "+" },
      ],
    },
  ],
  ["rlhflowPrm", { prompt: "p", answers: ["a"], step_scores: [[0.5]] }],
  ["trlStepwise", { prompt: "p", completions: ["a"], labels: [true] }],
  // Neighbours with the same names.
  ["verl", { input: "q Step 1: a ки", output: "x", score: 1, label: "+", task: "t" }],
  [
    "shareGpt",
    {
      conversations: [
        { role: "user", content: "q" },
        { role: "assistant", content: "plus" },
      ],
    },
  ],
  [
    "shareGpt",
    {
      conversations: [
        { from: "human", value: "q" },
        { from: "gpt", value: "+" },
      ],
    },
  ],
  [undefined, { input: "q", label: "spam", task: "mail" }],
  [undefined, { prompt: "p", completions: [{ role: "user" }], labels: [1] }],
  [undefined, { problem: "p", steps: ["a"] }],
])("%s is told by its names", async (id, record) => {
  expect(sniffFormat(await headOfContent(JSON.stringify(record)))?.id).toBe(id);
});

test("a set that is one JSON array is read as lines are", async () => {
  const rows = [0, 1].map((label) => ({
    id: `g-${label}`,
    problem: "p",
    steps: ["a", "b"],
    final_answer_correct: false,
    label,
  }));
  const asArray = await scanAll(processBench, JSON.stringify(rows, null, 2), "math.json");
  const asLines = await scanAll(processBench, rows.map((row) => JSON.stringify(row)).join("\n"));
  expect(asArray.flatMap(({ trajectories }) => trajectories)).toEqual(
    asLines.flatMap(({ trajectories }) => trajectories),
  );
});

describe("ProcessBench", () => {
  test.each([
    [-1, [1, 1, 1]],
    [0, [0, NaN, NaN]],
    [1, [1, 0, NaN]],
    [2, [1, 1, 0]],
    ["1", [1, 0, NaN]],
    [3, [NaN, NaN, NaN]],
    [-2, [NaN, NaN, NaN]],
    [null, [NaN, NaN, NaN]],
    [0.5, [NaN, NaN, NaN]],
  ])("the first wrong step is %s", async (label, expected) => {
    const record = { problem: "p", steps: ["a", "b", "c"], final_answer_correct: false, label };
    const { turns, success } = await one(processBench, record);
    expect([...turns[1]!.steps.columns.get("label")!]).toEqual(expected);
    expect(success).toBe(false);
  });
});

describe("Math-Shepherd", () => {
  test("signs inside a step are no labels", async () => {
    const row = {
      input: "q Step 1: 1 + 1 - 3 ки\nStep 2: -1 ки",
      label: "q Step 1: 1 + 1 - 3 +\nStep 2: -1 -",
      task: "",
    };
    expect(steps(await one(mathShepherd, row), "label")).toEqual([
      ["Step 1: 1 + 1 - 3", 1],
      ["Step 2: -1", 0],
    ]);
  });

  test("from the first place where both texts differ no step has a label", async () => {
    const row = { input: "q Step 1: a ки\nStep 2: b ки", label: "q Step 1: a +\nStep 2: b ?", task: "" };
    expect(steps(await one(mathShepherd, row), "label")).toEqual([
      ["Step 1: a", 1],
      ["Step 2: b", NaN],
    ]);
    expect(issuesOf(await scanAll(mathShepherd, JSON.stringify(row)))).toEqual(["bad-field:1"]);
  });
});

describe("TRL stepwise", () => {
  test.each([
    [[true, false], "label", [1, 0]],
    [[1, null], "label", [1, NaN]],
    [[0.25, 1], "reward", [0.25, 1]],
    [[-1, 1], "rating", [-1, 1]],
    [[true], "label", [1, NaN]],
  ])("labels %j are the column %s", async (labels, name, expected) => {
    const { turns } = await one(trlStepwise, { prompt: "p", completions: ["a", "b"], labels });
    expect([...turns[1]!.steps.columns]).toEqual([[name, Float64Array.from(expected)]]);
  });
});

describe("RLHFlow", () => {
  test("scores are put on steps only where their number says how the answer was cut", async () => {
    const record = {
      prompt: "p",
      answers: ["a\n\n\n\nb", "a\n\nb"],
      step_scores: [[0.5, 0.25, 0.75], [0.5]],
      label: [true, "0"],
    };
    const records = await scanAll(rlhflowPrm, JSON.stringify(record));
    const { trajectories } = records[0]!;
    expect(steps(trajectories[0]!, "reward")).toEqual([
      ["a", 0.5],
      ["", 0.25],
      ["b", 0.75],
    ]);
    expect(trajectories[1]!.turns[1]!.steps.source).toBe("none");
    expect(trajectories.map(({ reward, success }) => [reward, success])).toEqual([
      [1, true],
      [0, false],
    ]);
  });
});

describe("PRM800K", () => {
  const completion = (text: string, rating: number | null): unknown => ({ text, rating, flagged: null });
  const row = (...list: readonly unknown[]): unknown => ({
    labeler: "l",
    question: { problem: "p", ground_truth_answer: 7 },
    label: { steps: list, finish_reason: "give_up" },
  });

  test("a neutral step is neither right nor wrong, and keeps its rating", async () => {
    const step = (rating: number | null): unknown => ({
      completions: [completion("s", rating)],
      chosen_completion: 0,
    });
    const trajectory = await one(prm800k, row(step(1), step(0), step(-1), step(null)));
    const { columns } = trajectory.turns[1]!.steps;
    expect([...columns.get("label")!]).toEqual([1, NaN, 0, NaN]);
    expect([...columns.get("rating")!]).toEqual([1, 0, -1, NaN]);
    expect([trajectory.answer, trajectory.success]).toEqual(["7", null]);
  });

  test("an alternative is a leaf with the chosen steps before it", async () => {
    const first = { completions: [completion("a0", 1), completion("a1", -1)], chosen_completion: 1 };
    const second = {
      completions: [completion("b0", 1)],
      human_completion: { text: "b-human" },
      chosen_completion: null,
    };
    const records = await scanAll(prm800k, JSON.stringify(row(first, second)));
    const texts = records[0]!.trajectories.map(({ id, turns }) => [id, turns[1]!.content]);
    expect(texts).toEqual([
      ["L1", "a1\nb-human"],
      ["L1#0.0", "a0"],
      ["L1#1.0", "a1\nb0"],
    ]);
  });

  test("nothing follows a step at which nothing was chosen", async () => {
    const open = { completions: [completion("a", 1)], chosen_completion: null };
    const later = { completions: [completion("b", 1)], chosen_completion: 0 };
    expect(idsOf(await scanAll(prm800k, JSON.stringify(row(open, later))))).toEqual(["L1", "L1#0.0"]);
  });

  test("alternatives of very many steps end somewhere, and the log is told so", async () => {
    const step = { completions: [completion("x".repeat(100), 1), completion("y", 0)], chosen_completion: 0 };
    const records = await scanAll(prm800k, JSON.stringify(row(...Array<unknown>(5000).fill(step))));
    expect(records[0]!.trajectories.length).toBeLessThan(1000);
    expect(records[0]!.trajectories[0]!.turns[1]!.steps.n).toBe(5000);
    expect(issuesOf(records)).toEqual(["bad-field:1"]);
  });
});
