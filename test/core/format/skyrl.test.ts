import { expect, test } from "vitest";
import { skyrl } from "../../../src/core/format/formats/skyrl.ts";
import { sniffFormat } from "../../../src/core/format/registry.ts";
import { outcomeOf } from "../../../src/core/rollout/summary.ts";
import { tokenSourceOf, type Trajectory } from "../../../src/core/rollout/trajectory.ts";
import { headOfContent, issuesOf, scanAll } from "./memorySource.ts";

const row = { input_prompt: "p", output_response: "r", score: 1, stop_reason: "stop", env_class: "e" };

async function read(record: unknown, path = "dumped_evals/global_step_5_evals/x.jsonl"): Promise<Trajectory> {
  return (await scanAll(skyrl, JSON.stringify(record), path))[0]!.trajectories[0]!;
}

test("a list of rewards is the outcome by its sum, and leaves the outcome itself missing", async () => {
  const trajectory = await read({ ...row, score: [0, -0.25, null, 1] });
  expect(trajectory.reward).toBeNaN();
  expect(outcomeOf(trajectory)).toBe(0.75);
  const tokens = trajectory.turns.at(-1)!.tokens!;
  expect([...tokens.columns.get("rewards")!]).toEqual([0, -0.25, NaN, 1]);
  expect([tokens.n, tokens.ids, tokens.maskLogged]).toEqual([4, null, false]);
  expect(tokenSourceOf(trajectory)).toBe("logged");
});

test("a list of rewards keeps the response one turn, whatever marks are in it", async () => {
  const response = "a<|im_end|>\n<|im_start|>user\nb<|im_end|>\n<|im_start|>assistant\nc<|im_end|>";
  const many = await read({ ...row, output_response: response });
  expect(many.turns.map(({ role }) => role)).toEqual(["prompt", "assistant", "user", "assistant"]);
  const one = await read({ ...row, output_response: response, score: [1] });
  expect(one.turns.map(({ role, content }) => [role, content])).toEqual([
    ["prompt", "p"],
    ["assistant", response],
  ]);
});

test("a list that holds anything but numbers gives no tokens and no reward", async () => {
  const records = await scanAll(skyrl, JSON.stringify({ ...row, score: [0, "1"] }));
  const [trajectory] = records[0]!.trajectories;
  expect([trajectory!.reward, trajectory!.turns.at(-1)!.tokens]).toEqual([NaN, null]);
  expect(issuesOf(records)).toEqual(["bad-field:1"]);
});

test("the step is the folder's; an evaluation alone has none; all of it is validation", async () => {
  const place = async (path: string): Promise<unknown> => {
    const { trainStep, split } = await read(row, path);
    return [trainStep, split];
  };
  expect(await place("e/dumped_evals/global_step_12_evals/a.jsonl")).toEqual([12, "validation"]);
  expect(await place("e/dumped_evals/eval_only/a.jsonl")).toEqual([null, "validation"]);
  expect(await place("global_step_3_evals/other/a.jsonl")).toEqual([null, "validation"]);
});

test("equal prompts are one group, and nothing else is", async () => {
  const groups = await Promise.all(["p", "p", "q"].map((input_prompt) => read({ ...row, input_prompt })));
  expect(groups[0]!.group).toBe(groups[1]!.group);
  expect(groups[0]!.group).not.toBe(groups[2]!.group);
});

test("the line of averages beside the dumps is no rollout", async () => {
  expect(sniffFormat(await headOfContent('{"eval/gsm8k/avg_score": 0.5}\n'))).toBeNull();
  expect(sniffFormat(await headOfContent(JSON.stringify(row)))?.id).toBe("skyrl");
});
