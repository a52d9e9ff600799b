import { expect, test } from "vitest";
import { areal } from "../../../src/core/format/formats/areal.ts";
import { sniffFormat } from "../../../src/core/format/registry.ts";
import type { Trajectory } from "../../../src/core/rollout/trajectory.ts";
import { headOfContent, issuesOf, scanAll } from "./memorySource.ts";

const sample = {
  task_id: 7,
  sample_idx: 1,
  seqlen: 20,
  prompt_len: 12,
  head_version: 3,
  tail_version: 4,
  reward: 0.5,
  prompt: "<|im_start|>user\nq<|im_end|>\n<|im_start|>assistant\n",
  completion: "a<|im_end|>",
};

async function read(record: unknown, path: string): Promise<Trajectory> {
  return (await scanAll(areal, JSON.stringify(record), path))[0]!.trajectories[0]!;
}

test("the newest version is the train step, the folder stands in for it", async () => {
  const { tail_version: _, ...without } = sample;
  expect((await read(sample, "logs/rollout/9/7.jsonl")).trainStep).toBe(4);
  expect((await read(without, "logs/rollout/9/7.jsonl")).trainStep).toBe(9);
  expect((await read(without, "7.jsonl")).trainStep).toBeNull();
});

test("only the folder of evaluation rollouts is validation", async () => {
  const split = async (path: string): Promise<string> => (await read(sample, path)).split;
  expect(await split("logs/eval-rollout/4/7.jsonl")).toBe("validation");
  expect(await split("eval-rollout/exp/rollout/4/7.jsonl")).toBe("train");
});

test("a task whose number float64 cannot hold keeps its digits", async () => {
  const line = JSON.stringify(sample).replace('"task_id":7', '"task_id":9007199254740993');
  const [record] = await scanAll(areal, line, "rollout/4/9007199254740993.jsonl");
  const { id, group } = record!.trajectories[0]!;
  expect([id, group]).toEqual(["9007199254740993_1", "9007199254740993"]);
  expect(record!.issues).toEqual([]);
});

test("the doubtful border is said where a sample has several responses, and only there", async () => {
  const source = async (record: unknown): Promise<string | undefined> =>
    (await read(record, "r/4/7.jsonl")).signals.get("turns")?.source;
  expect(await source(sample)).toBe("from the template's marks");
  const more = "a<|im_end|>\n<|im_start|>user\nobs<|im_end|>\n<|im_start|>assistant\nb<|im_end|>";
  expect(await source({ ...sample, completion: more })).toContain("the prompt may hold response text");
});

test("a sample without its indices has no group and is called by its line", async () => {
  const records = await scanAll(areal, JSON.stringify({ ...sample, task_id: [1], sample_idx: null }));
  const { id, idLogged, group, groupSource } = records[0]!.trajectories[0]!;
  expect([id, idLogged, group, groupSource]).toEqual(["L1", false, null, "none"]);
  expect(issuesOf(records)).toEqual(["bad-field:1"]);
});

test("rows of prompts and completions without the counts are not AReaL's", async () => {
  const { seqlen: _, ...without } = sample;
  expect(sniffFormat(await headOfContent(JSON.stringify(sample)))?.id).toBe("areal");
  expect(sniffFormat(await headOfContent(JSON.stringify(without)))?.id).not.toBe("areal");
});
