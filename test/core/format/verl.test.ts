import { expect, test } from "vitest";
import { verl } from "../../../src/core/format/formats/verl.ts";
import { hasRoleWords, turnsByRoleWords } from "../../../src/core/format/verl/roleWords.ts";
import { issuesOf, scanAll } from "./memorySource.ts";

const qwen = "system\nYou are helpful.\nuser\nWhat?\nassistant\n";
const llama = "user\n\nWhat?assistant\n\n";

function split(prompt: string, answer: string): readonly (readonly [string, string])[] | null {
  const found = turnsByRoleWords(prompt, answer, 0);
  // The index decides by this alone whether it must read a row as a whole.
  if (found !== null) expect(hasRoleWords(answer)).toBe(true);
  return found?.turns.map(({ role, content }) => [role, content] as const) ?? null;
}

test("role words in lines of their own part an answer of Qwen's template", () => {
  expect(split(qwen, "call\nuser\n<tool_response>\n4\n</tool_response>\nassistant\nfour")).toEqual([
    ["assistant", "call"],
    ["user", "<tool_response>\n4\n</tool_response>"],
    ["assistant", "four"],
  ]);
  expect(split(qwen, "a\ntool\n1\ntool\n2\nassistant\nb\nuser\nc")).toEqual([
    ["assistant", "a"],
    ["tool", "1"],
    ["tool", "2"],
    ["assistant", "b"],
    ["user", "c"],
  ]);
  expect(split(`${qwen}<think>\n`, "so\nuser\nx\nassistant\n")).toEqual([
    ["assistant", "so"],
    ["user", "x"],
    ["assistant", ""],
  ]);
});

test("role words glued to the text before them part an answer of Llama 3's", () => {
  expect(split(llama, "calc(4)ipython\n\n4assistant\n\nfour")).toEqual([
    ["assistant", "calc(4)"],
    ["ipython", "4"],
    ["assistant", "four"],
  ]);
  expect(split(qwen, "calc(4)ipython\n\n4assistant\n\nfour")).toBeNull();
});

test("a text that happens to hold such words stays whole", () => {
  for (const answer of [
    "The roles are\nuser\nand\nassistant.",
    "assistant\nfirst\nuser\nsecond",
    "a\nassistant\nb\nassistant\nc",
    "a\nuser\nb",
    "a\nuser \nb\nassistant \nc",
    "my assistant\nuser\n",
    "a\nUser\nb\nAssistant\nc",
  ])
    expect(split(qwen, answer)).toBeNull();
  for (const answer of ["I ask the user\n\nas an assistant\n\nwould.", "aassistant\n\nb", "auser\n\nb"])
    expect(split(llama, answer)).toBeNull();
});

test("long answers full of role words cost no more than their length", () => {
  const started = performance.now();
  split(qwen, "\nuser\n".repeat(200_000));
  split(qwen, "\nuser\n\nassistant\n".repeat(100_000));
  split(llama, "xuser\n\n".repeat(200_000));
  expect(performance.now() - started).toBeLessThan(3000);
});

test("all digits of an id are kept, in text and as a number", async () => {
  const row = { input: qwen, output: "o", score: 1, uid: "90071992547409931_0_1" };
  const records = await scanAll(
    verl,
    `${JSON.stringify(row)}\n${JSON.stringify(row).replace(/"(9\d*)_0_1"/, "$1")}\n`,
  );
  expect(records.flatMap(({ trajectories }) => trajectories.map(({ group }) => group))).toEqual([
    "90071992547409931",
    "90071992547409931",
  ]);
  expect(issuesOf(records)).toEqual([]);
});
